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

// ErrReplaced ends every exchange of a node of whose name a higher life has been met, see
// [Core.Replaced].
var ErrReplaced = errors.New("replaced by a higher life of the same name")

// ErrNoSeed means that no seed could be reached. It is wrapped together with what
// went wrong at each of them. The node stays up, alone.
var ErrNoSeed = errors.New("no seed answered")

// ErrProtocolMismatch means that the other side of a push-pull speaks no version of the
// protocol that we understand, or the reverse. Nothing of its table was taken in.
var ErrProtocolMismatch = errors.New("protocol version mismatch")

// ErrPeerError is wrapped by what a member says about a frame that it could not read:
// mostly that one side encrypts and the other does not.
var ErrPeerError = errors.New("the peer reports an error")

// A RefusedError says that two nodes cannot be members of one cluster, and why: to a
// joiner that a member does not accept; or, on memberlist's wire, where there is no
// such answer, on the side that does not accept the other. The state is unchanged.
type RefusedError struct {
	Refusal
	Peer string // address of the other side
	ByUs bool   // we did not accept the peer
}

// Error names the reason, both values and the peer.
func (e *RefusedError) Error() string {
	who := e.Peer
	if e.Name != "" {
		who = fmt.Sprintf("%s (node %s)", e.Peer, e.Name)
	}
	if e.Ours == "" && e.Theirs == "" {
		if e.ByUs {
			return fmt.Sprintf("%s with %s", e.Reason, who)
		}
		return fmt.Sprintf("%s: refused by %s", e.Reason, who)
	}
	ours, theirs := e.Theirs, e.Ours
	if e.ByUs {
		ours, theirs = theirs, ours
	}
	return fmt.Sprintf("%s with %s: ours %q, theirs %q", e.Reason, who, ours, theirs)
}
