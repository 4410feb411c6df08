package gobwire

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// MaxMeta is the longest meta that a member can have. Bytes. Source: memberlist.
const MaxMeta = 512

// EncodeMeta is the meta of a member. An info that does not fit into [MaxMeta] is
// [ErrTooLarge].
func EncodeMeta(info types.NodeMetaInfo) ([]byte, error) {
	info.LastUpdateTs = info.LastUpdateTs.UTC() // a fixed number of bytes
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(info); err != nil {
		return nil, fmt.Errorf("gobwire: meta: %w", err)
	}
	if b.Len() > MaxMeta {
		return nil, fmt.Errorf("%w: a meta of %d bytes, limit %d", ErrTooLarge, b.Len(), MaxMeta)
	}
	return b.Bytes(), nil
}

// A MetaReader decodes metas. Nearly all members describe the type in the same bytes,
// in front of the value; a reader that has seen a description keeps a decoder that has
// learnt it, which makes the next meta some thirty times cheaper. The zero value is
// ready for use.
type MetaReader struct {
	learnt [maxLearnt]learntType
	next   int // to be replaced
}

// maxLearnt is how many descriptions are kept: there is about one for each program
// that takes part. A stranger who sends others makes us learn anew, no more.
const maxLearnt = 4

// learntType is a decoder behind the description of a type.
type learntType struct {
	description []byte
	source      *bytes.Buffer
	decoder     *gob.Decoder
}

// Decode reads a meta, and keeps nothing of b. The error wraps [ErrMalformed] or
// [ErrTooLarge].
func (r *MetaReader) Decode(b []byte) (info types.NodeMetaInfo, err error) {
	if len(b) > MaxMeta {
		return info, fmt.Errorf("%w: a meta of %d bytes, limit %d", ErrTooLarge, len(b), MaxMeta)
	}
	description, value, ok := splitGob(b)
	if !ok {
		return info, malformed("meta", errFraming)
	}
	for i := range r.learnt {
		if l := &r.learnt[i]; l.decoder != nil && bytes.Equal(l.description, description) {
			if info, err = l.decode(value); err != nil {
				*l = learntType{} // what it has read of a bad value is anybody's guess
			}
			return info, err
		}
	}
	l := learntType{description: bytes.Clone(description), source: new(bytes.Buffer)}
	l.decoder = gob.NewDecoder(l.source)
	if info, err = l.decode(b); err == nil {
		r.learnt[r.next] = l
		r.next = (r.next + 1) % maxLearnt
	}
	return info, err
}

// decode reads one meta; b begins with whatever the decoder has not seen yet.
func (l *learntType) decode(b []byte) (info types.NodeMetaInfo, err error) {
	defer contain("decode", &err)
	l.source.Write(b)
	if err := l.decoder.Decode(&info); err != nil {
		return types.NodeMetaInfo{}, malformed("meta", err)
	}
	if l.source.Len() > 0 {
		return types.NodeMetaInfo{}, malformed("meta", errFraming)
	}
	return info, nil
}
