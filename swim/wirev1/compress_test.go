package wirev1

import (
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// Nothing compresses better than one byte again and again: each string of its text is
// as long as it can be.
func TestNoShorterMessageBecomesShorterByBeingCompressed(t *testing.T) {
	for n := range 100 {
		got := len(AppendCompressed(nil, make([]byte, n)))
		if n < MinCompressible && got < n {
			t.Errorf("%d bytes become %d", n, got)
		}
		if n == MinCompressible && got >= n {
			t.Errorf("%d bytes become %d: the limit is higher", n, got)
		}
	}
	c := newCodec(t)
	for _, seq := range []swim.SeqNo{1, 1 << 7, 1 << 16, 1<<32 - 1} {
		ack := packetOf(c, swim.Message{Kind: swim.KindAck, Seq: seq})
		if len(ack) >= MinCompressible {
			t.Errorf("an ack has %d bytes", len(ack))
		}
	}
}
