package nekton

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// Errors for callers who only branch. They are wrapped with what was being done.
var (
	// ErrRunning: Start was called on a node that is running. Nothing has changed.
	ErrRunning = errors.New("the node is running; call Stop first")
	// ErrNotStarted: the call needs a node that was started, and this one never
	// was. Nothing has changed.
	ErrNotStarted = errors.New("the node was never started; call Start first")
	// ErrStopped: the node is stopped, or another Stop is under way. Nothing has
	// changed.
	ErrStopped = errors.New("the node is stopped")
	// ErrNotRunning: the call needs sockets, and the node has none: it was not
	// started, is stopped, or waits for its failure domain to become active.
	ErrNotRunning = errors.New("the node has no sockets: it is not started, stopped, or its failure domain is inactive")
	// ErrLeaveTimeout: too few peers acknowledged the departure in time. The node
	// is stopped all the same; peers that missed it will find out by probing.
	ErrLeaveTimeout = errors.New("not enough peers acknowledged the departure in time")
	// ErrNoAnswer: nobody of that name answered a Ping.
	ErrNoAnswer = errors.New("no answer")
	// ErrNoValue: a known node does not publish that key.
	ErrNoValue = errors.New("no such value")
)

// Errors with facts, of the packages that know them.
type (
	// AddrError is about an address that cannot be used.
	AddrError = transport.AddrError
	// RefusedError is the answer of a member that does not let us join: which
	// member, why, and the values on both sides.
	RefusedError = swim.RefusedError
	// LimitError says which limit of [Limits] a key, value or record exceeds.
	LimitError = store.LimitError
	// UnencodableError says which Go type has no encoding.
	UnencodableError = store.UnencodableError
	// UnknownNodeError names a node that UpdateCluster or AddNode never made
	// known.
	UnknownNodeError = node.UnknownNodeError
)

// A ConfigError names what is wrong with one argument of New, one option, or a
// field of either.
type ConfigError struct {
	Field  string
	Reason string
}

// Error names the field and says what is wrong with it.
func (e *ConfigError) Error() string { return e.Field + " " + e.Reason }

// A VersionError means that the wire of a gossip version cannot do what was asked.
type VersionError struct {
	Version string
	What    string // what cannot be done
}

// Error names the version and what it cannot do.
func (e *VersionError) Error() string {
	return fmt.Sprintf("%s: not possible in gossip version %q, which speaks memberlist's wire", e.What, e.Version)
}

// A JoinError means that no seed let us in. The node is up, alone, and goes on
// trying its seeds while healing; Rejoin tries at once, and Stop works.
//
// It wraps what went wrong at each of them: errors.As finds a *RefusedError or an
// *AddrError, and errors.Is finds [swim.ErrNoSeed] when none answered, or the cause
// of a context that ended first.
type JoinError struct {
	Seeds []string // "host:port", as configured
	Err   error
}

// Error lists the seeds and what went wrong.
func (e *JoinError) Error() string {
	return fmt.Sprintf("nekton: join %s: the node is up, alone: %v", strings.Join(e.Seeds, ", "), e.Err)
}

// Unwrap returns what went wrong.
func (e *JoinError) Unwrap() error { return e.Err }

// A TypeError means that a value has another Go type than the one asked for.
type TypeError struct {
	Node      types.NodeId
	Key       types.StoreKey
	Want, Got string // Go types
}

// Error names both types.
func (e *TypeError) Error() string {
	return fmt.Sprintf("nekton: value %q of node %q is a %s, not a %s", e.Key, e.Node, e.Got, e.Want)
}

// configErrors turns the field errors of the state machine into ours.
func configErrors(err error) error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return err
	}
	var errs []error
	for _, e := range joined.Unwrap() {
		var field *node.FieldError
		if errors.As(e, &field) {
			e = &ConfigError{Field: field.Field, Reason: field.Reason}
		}
		errs = append(errs, e)
	}
	return errors.Join(errs...)
}
