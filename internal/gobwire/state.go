package gobwire

import (
	"bytes"
	"encoding/gob"
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// EncodeState is the user state of a push-pull. It runs the code of the values' types;
// a panic in it is a [*store.PanicError].
func EncodeState(nodes types.NodeInfoMap) (b []byte, err error) {
	defer contain("encode", &err)
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(nodes); err != nil {
		return nil, fmt.Errorf("gobwire: state: %w", err)
	}
	return buf.Bytes(), nil
}

// DecodeState reads the user state of a push-pull of at most limit bytes, and keeps
// nothing of b. The error wraps [ErrMalformed] or [ErrTooLarge], or is a
// [*store.PanicError]; nothing of the state can be used then.
func DecodeState(b []byte, limit int) (nodes types.NodeInfoMap, err error) {
	if len(b) > limit {
		return nil, fmt.Errorf("%w: a state of %d bytes, limit %d", ErrTooLarge, len(b), limit)
	}
	defer func() {
		if err != nil {
			nodes = nil
		}
	}()
	defer contain("decode", &err)
	if !checkGob(b) {
		return nil, malformed("state", errStructure)
	}
	if err := gob.NewDecoder(bytes.NewReader(b)).Decode(&nodes); err != nil {
		return nil, malformed("state", err)
	}
	return nodes, nil
}
