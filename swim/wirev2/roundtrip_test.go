package wirev2

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"pgregory.net/rapid"
)

// newCodec returns the codec that most tests use.
func newCodec(tb testing.TB) *Codec {
	tb.Helper()
	c, err := New("shoal", "v2")
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func TestWhatIsAppendedToAPacketIsReadBackInOrder(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := rapid.SliceOfN(genMessage, 1, 6).Draw(t, "messages")
		before := rapid.SliceOfN(rapid.Byte(), 0, 9).Draw(t, "what the arena holds already")

		b := c.BeginPacket(bytes.Clone(before))
		var parts []int
		for i := range sent {
			parts = append(parts, len(b))
			b = c.AppendMessage(b, &sent[i])
		}
		b = c.FinishPacket(b, len(before), parts)
		if !bytes.HasPrefix(b, before) {
			t.Fatal("what was in the arena has changed")
		}

		rest, drop := c.OpenPacket(b[len(before):])
		if drop != swim.DropNone {
			t.Fatalf("our own packet is dropped: %v", drop)
		}
		for i := range sent {
			got := swim.Message{Kind: swim.KindRumour, Body: []byte("from before"), Seen: swim.PrintsSame}
			var ok bool
			if rest, ok = c.NextMessage(rest, &got); !ok {
				t.Fatalf("message %d, %v, is refused", i, sent[i].Kind)
			}
			if !reflect.DeepEqual(got, sent[i]) {
				t.Fatalf("message %d\n got %+v\nwant %+v", i, got, sent[i])
			}
		}
		if rest.Len() != 0 {
			t.Fatalf("%d bytes are left", rest.Len())
		}
	})
}

func TestWhatIsAppendedAsAFrameIsReadBack(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := genFrame.Draw(t, "frame")
		b := c.AppendFrame(nil, &sent)
		got, err := c.ParseFrame(b)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(*got, sent) {
			t.Fatalf("\n got %+v\nwant %+v", *got, sent)
		}
		// The frame must not see what becomes of the buffer.
		for i := range b {
			b[i] ^= 0xff
		}
		if !reflect.DeepEqual(*got, sent) {
			t.Fatal("the frame aliases what it was parsed from")
		}
	})
}

func TestAParsedMessageAliasesThePacketWithoutSpareCapacity(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := genMessage.Draw(t, "message")
		b := c.AppendMessage(nil, &sent)
		whole := bytes.Clone(b)
		var m swim.Message
		if _, ok := parseMessage(b, &m); !ok {
			t.Fatal("refused")
		}
		for _, field := range [][]byte{m.Name, m.From, m.Meta, m.Body} {
			_ = append(field, "over what follows"...)
		}
		if !bytes.Equal(b, whole) {
			t.Fatal("appending to a field has overwritten the packet")
		}
	})
}
