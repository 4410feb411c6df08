package swim

import (
	"errors"
	"fmt"
)

// ErrMalformed is wrapped by every error about bytes that are not what they
// claim to be. The core's state is unchanged by them.
var ErrMalformed = errors.New("malformed")

// ErrUnexpectedFrame means that the other side sent a frame out of turn. The
// exchange is over; what earlier frames brought stays.
var ErrUnexpectedFrame = errors.New("frame out of turn")

// ErrUnknownExchange means that an exchange has ended or never was.
var ErrUnknownExchange = errors.New("no such exchange")

// ErrNoSeed means that no seed could be reached. It is wrapped together with what
// went wrong at each of them. The node stays up, alone.
var ErrNoSeed = errors.New("no seed answered")

// A RefusedError tells a joiner that a member does not accept it, and why. The
// joiner's state is unchanged.
type RefusedError struct {
	Refusal
	Peer string // address of the member that refused
}

// Error names the reason, both values and the peer.
func (e *RefusedError) Error() string {
	who := e.Peer
	if e.Name != "" {
		who = fmt.Sprintf("%s (node %s)", e.Peer, e.Name)
	}
	return fmt.Sprintf("%s with %s: ours %q, theirs %q", e.Reason, who, e.Theirs, e.Ours)
}
