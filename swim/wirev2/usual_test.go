package wirev2

import (
	"bytes"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// The short cut reads what it reads as the long way does, and leaves the rest to that:
// the usual claim with each of its bytes replaced by every other, and cut everywhere.
func TestTheUsualClaimIsReadLikeAnyOther(t *testing.T) {
	c := newCodec(t)
	claim := goldenMessages["alive"]
	claim.Stamp.Generation, claim.Stamp.Incarnation = 1, 2
	usual := c.AppendMessage(nil, &claim)
	var m swim.Message
	if rest, ok := parseUsualAlive(usual, &m); !ok || len(rest) != 0 {
		t.Fatalf("% x is not usual", usual)
	}
	for i := range usual {
		checkMessage(t, c, usual[:i])
		for v := range 256 {
			b := bytes.Clone(usual)
			b[i] = byte(v)
			checkMessage(t, c, b)
			checkMessage(t, c, append(b, 0x93, 0x04))
		}
	}
}
