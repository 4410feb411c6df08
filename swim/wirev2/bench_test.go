package wirev2

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// The core calls the codec through its interface, and so do these.

func TestNoMessageOfAPacketAllocates(t *testing.T) {
	var c swim.Codec = newCodec(t)
	b := make([]byte, 0, swim.MaxPacketLen)
	m, got := new(swim.Message), new(swim.Message)
	for name, golden := range goldenMessages {
		*m = golden
		ok := false
		if n := testing.AllocsPerRun(100, func() {
			b = c.AppendMessage(c.BeginPacket(b[:0]), m)
			b = c.FinishPacket(b, 0, nil)
			messages, _ := c.OpenPacket(b)
			_, ok = c.NextMessage(messages, got)
		}); n != 0 || !ok {
			t.Errorf("%s: %v allocations, ok %v", name, n, ok)
		}
	}
	malformed := append(c.BeginPacket(nil), 0x93, 0x7f, 0x92, 0x07, 0xc1)
	if n := testing.AllocsPerRun(100, func() {
		messages, _ := c.OpenPacket(malformed)
		c.NextMessage(messages, got)
	}); n != 0 {
		t.Errorf("a malformed message: %v allocations", n)
	}
}

// BenchmarkPingAck is the codec's share of a probe at the member that is probed,
// when nothing has changed: a ping comes in, an ack goes out. Look-ups, sockets
// and the prober's half are not in it.
func BenchmarkPingAck(b *testing.B) {
	var c swim.Codec = newCodec(b)
	packet := packetOf(newCodec(b), goldenMessages["ping"])
	in, out := new(swim.Message), new(swim.Message)
	arena := make([]byte, 0, 1400)
	b.ReportAllocs()
	for b.Loop() {
		messages, drop := c.OpenPacket(packet)
		if _, ok := c.NextMessage(messages, in); !ok || drop != swim.DropNone {
			b.Fatal("refused")
		}
		out.Kind, out.Seq, out.Seen = swim.KindAck, in.Seq, swim.PrintsSame
		arena = c.FinishPacket(c.AppendMessage(c.BeginPacket(arena[:0]), out), 0, nil)
	}
	b.ReportMetric(float64(len(packet)+len(arena)), "wire-B/op")
}

// BenchmarkGossip is the codec's share of a gossip packet: claims written by one
// member and read by another.
func BenchmarkGossip(b *testing.B) {
	for _, claims := range []int{2, 20} {
		b.Run(fmt.Sprintf("claims=%d", claims), func(b *testing.B) {
			var c swim.Codec = newCodec(b)
			alive, suspect := goldenMessages["alive"], goldenMessages["suspect"]
			out := []*swim.Message{&alive, &suspect}
			in := new(swim.Message)
			arena := make([]byte, 0, 1400)
			b.ReportAllocs()
			for b.Loop() {
				arena = c.BeginPacket(arena[:0])
				for i := range claims {
					arena = c.AppendMessage(arena, out[i%len(out)])
				}
				messages, _ := c.OpenPacket(arena)
				for ok := true; messages.Len() > 0; {
					if messages, ok = c.NextMessage(messages, in); !ok {
						b.Fatal("refused")
					}
				}
			}
			b.ReportMetric(float64(len(arena)), "wire-B/op")
		})
	}
}

// BenchmarkFrame is a digest of members, written and read: the largest frame of a
// push-pull between members whose tables differ everywhere.
func BenchmarkFrame(b *testing.B) {
	for _, rows := range []int{10, 1000} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			c := newCodec(b)
			f := goldenFrames["frame-digest"]
			f.Rows = make([]swim.Row, rows)
			for i := range f.Rows {
				f.Rows[i] = swim.Row{Name: fmt.Sprintf("node%04d", i), Stamp: goldenStamp, Digest: []byte{3, 42}}
			}
			var buf []byte
			b.ReportAllocs()
			for b.Loop() {
				buf = c.AppendFrame(buf[:0], &f)
				if got, err := c.ParseFrame(buf); err != nil || len(got.Rows) != rows {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(buf))/float64(rows), "wire-B/row")
		})
	}
}
