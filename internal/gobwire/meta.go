package gobwire

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// MaxMeta is the longest meta that a member can have. Bytes. Source: memberlist.
const MaxMeta = 512

// A Meta is what a member says of itself: what the original does, and, which the
// original passes over, the gossip version that a bridged member speaks on nekton's
// wire; empty otherwise.
type Meta struct {
	types.NodeMetaInfo
	Bridge string
}

// bridgedMeta is the gob of a Meta that has a bridge: gob does not look into embedded
// structs.
type bridgedMeta struct {
	ClusterId     string
	GossipVersion string
	Id            types.NodeId
	GenNumber     uint64
	LastUpdateTs  time.Time
	Bridge        string
}

// EncodeMeta is the meta of a member. One that does not fit into [MaxMeta] is
// [ErrTooLarge].
func EncodeMeta(m Meta) ([]byte, error) {
	m.LastUpdateTs = m.LastUpdateTs.UTC() // a fixed number of bytes
	var v any = m.NodeMetaInfo
	if m.Bridge != "" {
		v = bridgedMeta{m.ClusterId, m.GossipVersion, m.Id, m.GenNumber, m.LastUpdateTs, m.Bridge}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
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
func (r *MetaReader) Decode(b []byte) (m Meta, err error) {
	if len(b) > MaxMeta {
		return m, fmt.Errorf("%w: a meta of %d bytes, limit %d", ErrTooLarge, len(b), MaxMeta)
	}
	description, value, ok := splitGob(b)
	if !ok {
		return m, malformed("meta", errFraming)
	}
	for i := range r.learnt {
		if l := &r.learnt[i]; l.decoder != nil && bytes.Equal(l.description, description) {
			if m, err = l.decode(value); err != nil {
				*l = learntType{} // what it has read of a bad value is anybody's guess
			}
			return m, err
		}
	}
	l := learntType{description: bytes.Clone(description), source: new(bytes.Buffer)}
	l.decoder = gob.NewDecoder(l.source)
	if m, err = l.decode(b); err == nil {
		r.learnt[r.next] = l
		r.next = (r.next + 1) % maxLearnt
	}
	return m, err
}

// decode reads one meta; b begins with whatever the decoder has not seen yet.
func (l *learntType) decode(b []byte) (_ Meta, err error) {
	defer contain("decode", &err)
	l.source.Write(b)
	var m bridgedMeta
	if err := l.decoder.Decode(&m); err != nil {
		return Meta{}, malformed("meta", err)
	}
	if l.source.Len() > 0 {
		return Meta{}, malformed("meta", errFraming)
	}
	return Meta{types.NodeMetaInfo{
		ClusterId: m.ClusterId, GossipVersion: m.GossipVersion, Id: m.Id, GenNumber: m.GenNumber, LastUpdateTs: m.LastUpdateTs,
	}, m.Bridge}, nil
}
