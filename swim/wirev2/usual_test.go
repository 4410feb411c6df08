package wirev2

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// The short cuts read what they read as the long way does, and leave the rest to that:
// usual messages with each of their bytes replaced by every other, and cut everywhere.
func TestUsualMessagesAreReadLikeAnyOther(t *testing.T) {
	c := newCodec(t)
	claim, ping := goldenMessages["alive"], goldenMessages["ping"]
	claim.Stamp.Generation, claim.Stamp.Incarnation = 1, 2
	ping.Prints, ping.Seen, ping.Period = swim.Prints{Members: 1 << 63, State: 1 << 32}, swim.PrintsGiven, 9
	type parse = func([]byte, *swim.Message) ([]byte, bool)
	type usual struct {
		parse
		message swim.Message
	}
	all := []usual{{parseUsualAlive, claim}}
	for _, seq := range []swim.SeqNo{7, 1 << 15, 1 << 31} {
		ping.Seq = seq
		all = append(all, usual{parseUsualPing, ping},
			usual{parseUsualPing, swim.Message{Kind: swim.KindPing, Seq: seq, Name: ping.Name}},
			usual{parseUsualPing, swim.Message{Kind: swim.KindPing, Seq: seq, Name: ping.Name, Prints: ping.Prints, Seen: ping.Seen}},
			usual{parseUsualAck, swim.Message{Kind: swim.KindAck, Seq: seq, Seen: swim.PrintsSame}})
	}
	for _, u := range all {
		whole := c.AppendMessage(nil, &u.message)
		var m swim.Message
		if rest, ok := u.parse(whole, &m); !ok || len(rest) != 0 || !reflect.DeepEqual(m, u.message) {
			t.Fatalf("% x is not usual, or is read as %+v", whole, m)
		}
		for i := range whole {
			checkMessage(t, c, whole[:i])
			for v := range 256 {
				b := bytes.Clone(whole)
				b[i] = byte(v)
				checkMessage(t, c, b)
				checkMessage(t, c, append(b, 0x93, 0x04))
			}
		}
	}
}
