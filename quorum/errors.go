package quorum

import (
	"errors"
	"fmt"
	"time"
)

// ErrRunning is returned by Start on a machine that runs. Nothing has changed.
var ErrRunning = errors.New("quorum: already started; call Stop first")

// ErrUnknownNode is wrapped, with the id, by errors about a node that is not in
// the table. Make it known with UpdateCluster or AddNode.
var ErrUnknownNode = errors.New("unknown node")

// ErrSelf is returned by RemoveNode for the own id: a node always knows itself.
var ErrSelf = errors.New("quorum: a node cannot remove itself")

// NegativeError says that a time of [StartConfig] is below zero.
type NegativeError struct {
	// Field is the name of the field, and Value what it was set to.
	Field string
	Value time.Duration
}

// Error names the field and the value.
func (e *NegativeError) Error() string {
	return fmt.Sprintf("quorum: %s is %v; use zero or more", e.Field, e.Value)
}
