package gobwire

import (
	"errors"
	"fmt"

	"github.com/nekton-go/nekton/store"
)

var (
	// ErrMalformed: bytes that are no gob of the type that they should be, or hold a
	// value of a type that is not registered here.
	ErrMalformed = errors.New("gobwire: malformed")
	// ErrTooLarge: a payload is longer than it may be.
	ErrTooLarge = errors.New("gobwire: too large")
)

// contain turns a panic in the code of a user's type into an error. It is deferred.
func contain(op string, err *error) {
	if p := recover(); p != nil {
		*err = &store.PanicError{Op: op, Value: p}
	}
}

// malformed wraps an error of gob.
func malformed(what string, err error) error {
	return fmt.Errorf("%w: %s: %w", ErrMalformed, what, err)
}
