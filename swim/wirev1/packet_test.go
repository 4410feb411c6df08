package wirev1

import (
	"bytes"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

func newCodec(tb testing.TB) *Codec {
	tb.Helper()
	c, err := New(Config{Name: "seahorse", Addr: netip.MustParseAddrPort("10.0.0.7:9002")})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// packetOf builds a whole packet behind other bytes.
func packetOf(c *Codec, messages ...swim.Message) []byte {
	const before = "before"
	b := c.BeginPacket([]byte(before))
	var parts []int
	for i := range messages {
		parts = append(parts, len(b))
		b = c.AppendMessage(b, &messages[i])
	}
	b = c.FinishPacket(b, len(before), parts)
	if !strings.HasPrefix(string(b), before) {
		panic("what was in the arena has changed")
	}
	return b[len(before):]
}

// messagesOf reads all messages of a packet, nil for one that is malformed.
func messagesOf(tb testing.TB, c *Codec, b []byte) (all []*swim.Message, drop swim.Drop) {
	tb.Helper()
	rest, drop := c.OpenPacket(b)
	if drop != swim.DropNone && rest.Len() != 0 {
		tb.Fatalf("% x is dropped as %v and leaves messages", b, drop)
	}
	for rest.Len() > 0 {
		m := &swim.Message{Body: []byte("from before")}
		next, ok := c.NextMessage(rest, m)
		if next.Len() >= rest.Len() {
			tb.Fatalf("% x: a message takes no bytes", b)
		}
		if rest = next; !ok {
			if !reflect.DeepEqual(*m, swim.Message{}) {
				tb.Fatalf("% x: what is malformed leaves %+v", b, m)
			}
			m = nil
		}
		all = append(all, m)
	}
	return all, drop
}

// words are the kinds of the messages of a packet.
func words(tb testing.TB, c *Codec, b []byte) string {
	tb.Helper()
	all, drop := messagesOf(tb, c, b)
	if drop != swim.DropNone {
		return drop.String()
	}
	var words []string
	for _, m := range all {
		if m == nil {
			words = append(words, "malformed")
		} else {
			words = append(words, m.Kind.String())
		}
	}
	return strings.Join(words, " ")
}

// compound makes a compound by hand.
func compound(parts ...[]byte) []byte {
	b := []byte{typeCompound, byte(len(parts))}
	for _, p := range parts {
		b = append(b, byte(len(p)>>8), byte(len(p)))
	}
	return append(b, bytes.Join(parts, nil)...)
}

func TestAPacketOfAnyNumberOfMessagesComesBackInOrder(t *testing.T) {
	c := newCodec(t)
	for _, n := range []int{1, 2, 3, 254, 255, 256, 257, 509, 510, 511, 512, 765, 766, 3000} {
		sent := make([]swim.Message, n)
		size := 0
		for i := range sent {
			sent[i] = swim.Message{Kind: swim.KindNack, Seq: swim.SeqNo(i * i)}
			size += len(c.AppendMessage(nil, &sent[i]))
		}
		b := packetOf(c, sent...)
		all, drop := messagesOf(t, c, b)
		if drop != swim.DropNone || len(all) != n {
			t.Fatalf("%d messages: %v, %d come back", n, drop, len(all))
		}
		for i, m := range all {
			if m == nil || !reflect.DeepEqual(*m, sent[i]) {
				t.Fatalf("message %d of %d comes back as %+v", i, n, m)
			}
		}
		most := size + c.PacketOverhead() + n*c.MessageOverhead()
		if n > maxParts {
			most += 4 * ((n + maxParts - 1) / maxParts)
		}
		if len(b) > most || n == 1 && len(b) != size {
			t.Errorf("a packet of %d messages has %d bytes, %d of them messages", n, len(b), size)
		}
	}
}

func TestACompoundIsReadAsFarAsItGoes(t *testing.T) {
	c := newCodec(t)
	nack, ack := appendNack(nil, 7), appendAck(nil, 8)
	broken, foreign := unhex("0b 81 a5"), unhex("0c 00000000 0b")
	whole := compound(nack, ack, nack)
	for name, tc := range map[string]struct {
		packet []byte
		want   string
	}{
		"whole":                        {whole, "nack ack nack"},
		"with bytes behind":            {append(bytes.Clone(whole), 1, 2, 3), "nack ack nack"},
		"cut in the last part":         {whole[:len(whole)-1], "nack ack malformed"},
		"cut before the last part":     {whole[:len(whole)-len(nack)], "nack ack malformed"},
		"cut in the first part":        {whole[:9], "malformed"},
		"cut in the lengths":           {whole[:7], "malformed"},
		"a head alone":                 {[]byte{7, 1}, "malformed"},
		"half a head":                  {[]byte{7}, "malformed"},
		"of nothing":                   {[]byte{7, 0}, "malformed"},
		"with a part that is broken":   {compound(nack, broken, ack), "nack malformed ack"},
		"with a part that is empty":    {compound(nack, nil, ack, nil), "nack malformed ack malformed"},
		"with a part of another type":  {compound(nack, foreign, []byte{200}, ack), "nack unknown unknown ack"},
		"with bytes behind a map":      {compound(append(bytes.Clone(nack), 0xc1, 0xff), ack), "nack ack"},
		"with a message for others":    {compound([]byte{8}, []byte("\x08text"), ack), "user user ack"},
		"in a compound":                {compound(nack, compound(ack, broken, nack), ack), "nack ack malformed nack ack"},
		"in a compound and cut":        {compound(nack, compound(ack, nack)[:30], ack), "nack ack malformed ack"},
		"in a compound without parts":  {compound(nack, []byte{7, 0}, ack), "nack malformed ack"},
		"four deep":                    {compound(compound(compound(compound(ack)), nack)), "ack nack"},
		"five deep":                    {compound(compound(compound(compound(compound(ack))), nack)), "malformed nack"},
		"compressed":                   {AppendCompressed(nil, whole), "nack ack nack"},
		"with a part that is":          {compound(nack, AppendCompressed(nil, ack), nack), "nack ack nack"},
		"with a compressed compound":   {compound(nack, AppendCompressed(nil, compound(ack, ack)), nack), "nack ack ack nack"},
		"compressed twice":             {AppendCompressed(nil, AppendCompressed(nil, whole)), "nack ack nack"},
		"compressed five times":        {again(5, whole, func(b []byte) []byte { return AppendCompressed(nil, b) }), "malformed"},
		"with a part that does not":    {compound(nack, unhex("09 81 a3427566 a3 00ffff"), ack), "nack malformed ack"},
		"with a bomb":                  {compound(nack, AppendCompressed(nil, make([]byte, 2<<20)), ack), "nack malformed ack"},
		"with a long user message":     {compound(nack, AppendCompressed(nil, append([]byte{typeUser}, make([]byte, 100000)...)), ack), "nack user ack"},
		"with an endless one":          {compound(nack, AppendCompressed(nil, append([]byte{typeUser}, make([]byte, 4<<20)...)), ack), "nack user ack"},
		"with a nack of 100,000 bytes": {compound(nack, AppendCompressed(nil, append(bytes.Clone(nack), make([]byte, 100000)...)), ack), "nack nack ack"},
		"a message that is compressed": {AppendCompressed(nil, ack), "ack"},
		"nothing that is compressed":   {AppendCompressed(nil, nil), "malformed"},
	} {
		if got := words(t, c, tc.packet); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}

func again(n int, b []byte, f func([]byte) []byte) []byte {
	for range n {
		b = f(b)
	}
	return b
}

// However much a packet promises to expand to, it is a megabyte.
func TestAPacketOfBombsIsBounded(t *testing.T) {
	c := newCodec(t)
	bomb := AppendCompressed(nil, compound(make([][]byte, 255)...))
	parts := make([][]byte, 255)
	for i := range parts {
		parts[i] = bomb
	}
	rest, drop := c.OpenPacket(compound(parts...))
	if drop != swim.DropNone || cap(rest.Bytes) > 2*maxUnpacked {
		t.Errorf("%v, %d bytes", drop, cap(rest.Bytes))
	}
	big := AppendCompressed(nil, append([]byte{typeUser}, make([]byte, 60000)...))
	for i := range parts {
		parts[i] = big
	}
	rest, _ = c.OpenPacket(compound(parts...))
	if len(rest.Bytes) > maxUnpacked {
		t.Errorf("%d bytes", len(rest.Bytes))
	}
}

// A small packet of millions of pings would make us send millions of acks, wherever it
// says that they came from.
func TestAPacketHasNoMoreMessagesThanOneInClear(t *testing.T) {
	c := newCodec(t)
	nack := c.AppendMessage(nil, &swim.Message{Kind: swim.KindNack, Seq: 1})
	if len(nack) != shortestMessage {
		t.Errorf("a nack has %d bytes", len(nack))
	}
	parts := func(n int, b []byte) [][]byte {
		all := make([][]byte, n)
		for i := range all {
			all[i] = b
		}
		return all
	}
	level := compound(parts(255, nack)...)
	count := func(b []byte) (messages, malformed int) {
		rest, drop := c.OpenPacket(b)
		for drop == swim.DropNone && rest.Len() > 0 {
			var m swim.Message
			var ok bool
			if rest, ok = c.NextMessage(rest, &m); ok {
				messages++
			} else {
				malformed++
			}
		}
		return messages, malformed
	}
	if n, bad := count(compound(parts(23, level)...)); n != 23*255 || bad != 0 {
		t.Errorf("of 5,865 messages %d are taken, %d are malformed", n, bad)
	}
	if n, bad := count(AppendCompressed(nil, compound(parts(23, level)...))); n != 23*255 || bad != 0 {
		t.Errorf("of 5,865 messages that are compressed %d are taken, %d are malformed", n, bad)
	}
	if n, bad := count(AppendCompressed(nil, compound(parts(255, level)...))); n != maxUnpackedParts-1 || bad != 1 {
		t.Errorf("of 65,025 messages %d are taken, %d are malformed", n, bad)
	}
}

// As memberlist does, which compresses what may have any length before it looks.
func TestACompressedCompoundMayBeLongerThanADatagram(t *testing.T) {
	c := newCodec(t)
	part := append([]byte{typeUser}, make([]byte, 60000)...)
	whole := compound(part, part, part, part, c.AppendMessage(nil, &swim.Message{Kind: swim.KindNack, Seq: 1}))
	for _, b := range [][]byte{whole, AppendCompressed(nil, whole)} {
		if got := words(t, c, b); got != "user user user user nack" {
			t.Errorf("%d bytes: %s", len(b), got)
		}
	}
}

func TestTheFirstByteSaysWhatIsDropped(t *testing.T) {
	c := newCodec(t)
	for first := range 256 {
		want := swim.DropMalformed
		switch first {
		case 0, 1, 2, 3, 4, 5, 8, 11:
			want = swim.DropNone
		case v2Code:
			want = swim.DropVersion
		case typeCompress: // it is unpacked, and found to be malformed then
			want = swim.DropNone
		}
		if _, drop := c.OpenPacket([]byte{byte(first), 200, 3, 4, 5, 6}); drop != want {
			t.Errorf("first byte %d: got %v, want %v", first, drop, want)
		}
	}
	if _, drop := c.OpenPacket(nil); drop != swim.DropMalformed {
		t.Errorf("nothing: %v", drop)
	}
	if _, drop := c.OpenPacket(make([]byte, MaxExpanded+1)); drop != swim.DropTooLarge {
		t.Errorf("too much: %v", drop)
	}
}

func TestWhatTheWireHasNoTypeForAppendsNothing(t *testing.T) {
	c := newCodec(t)
	for _, kind := range []swim.Kind{swim.KindUnknown, swim.KindRumour, swim.KindLeaveAck, 255} {
		if b := c.AppendMessage([]byte("x"), &swim.Message{Kind: kind, Body: []byte("y")}); string(b) != "x" {
			t.Errorf("%v appends % x", kind, b[1:])
		}
	}
	for _, kind := range []swim.FrameKind{0, swim.FrameOpen, swim.FrameDigest, swim.FrameDelta, swim.FrameRefuse, 255} {
		if b := c.AppendFrame([]byte("x"), &swim.Frame{Kind: kind}); string(b) != "x" {
			t.Errorf("%v appends % x", kind, b[1:])
		}
	}
	if got, want := c.Carries(), (swim.Carries{Versions: true, Tables: true}); got != want {
		t.Errorf("carries %+v", got)
	}
}

func TestACodecIsForAMemberThatCanBe(t *testing.T) {
	for _, cfg := range []Config{
		{},
		{Name: strings.Repeat("x", 256)},
		{Name: "a", Addr: netip.MustParseAddrPort("[fe80::1%eth0]:9002")},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%+v is accepted", cfg)
		}
	}
	// Without an address, pings do not tell one.
	c, err := New(Config{Name: "a"})
	if err != nil {
		t.Fatal(err)
	}
	b := c.AppendMessage(nil, &swim.Message{Kind: swim.KindPing, Name: []byte("b")})
	if want := unhex("00 83 a44e6f6465 a162 a55365714e6f 00 aa536f757263654e6f6465 a161"); !bytes.Equal(b, want) {
		t.Errorf("% x", b)
	}
}

func TestNoMessageOfAPacketAllocates(t *testing.T) {
	var c swim.Codec = newCodec(t)
	b := make([]byte, 0, swim.MaxPacketLen)
	for _, v := range readVectors(t) {
		if v.decoded["layer"] != nil || strings.HasPrefix(v.direction, "stream") {
			continue
		}
		in, out := messageOf(v.decoded), new(swim.Message)
		for _, n := range []int{1, 20} {
			parts := make([]int, 0, n)
			ok := true
			if allocs := testing.AllocsPerRun(100, func() {
				b, parts = c.BeginPacket(b[:0]), parts[:0]
				for range n {
					parts = append(parts, len(b))
					b = c.AppendMessage(b, &in)
				}
				b = c.FinishPacket(b, 0, parts)
				for rest, _ := c.OpenPacket(b); ok && rest.Len() > 0; {
					rest, ok = c.NextMessage(rest, out)
				}
			}); allocs != 0 || !ok {
				t.Errorf("%d of %s: %v allocations, ok %v", n, v.name, allocs, ok)
			}
		}
	}
	dst, message := make([]byte, 0, swim.MaxPacketLen), []byte(strings.Repeat("some text ", 140))
	packed := AppendCompressed(nil, message)
	if allocs := testing.AllocsPerRun(100, func() {
		dst = AppendCompressed(dst[:0], message)
		dst, _ = AppendDecompressed(dst[:0], packed, 1400)
	}); allocs != 0 || !bytes.Equal(dst, message) {
		t.Errorf("compression: %v allocations", allocs)
	}
}

func BenchmarkPingAck(b *testing.B) {
	var c swim.Codec = newCodec(b)
	packet := packetOf(newCodec(b), swim.Message{Kind: swim.KindPing, Seq: 70000, Name: []byte("seahorse")})
	in, out := new(swim.Message), new(swim.Message)
	arena := make([]byte, 0, 1400)
	b.ReportAllocs()
	for b.Loop() {
		rest, _ := c.OpenPacket(packet)
		if _, ok := c.NextMessage(rest, in); !ok {
			b.Fatal("refused")
		}
		out.Kind, out.Seq = swim.KindAck, in.Seq
		arena = c.FinishPacket(c.AppendMessage(c.BeginPacket(arena[:0]), out), 0, nil)
	}
}

// gossip is a number of claims as a member among 10,000 would tell them.
func gossip(n int) []swim.Message {
	all := make([]swim.Message, n)
	for i := range all {
		all[i] = swim.Message{
			Kind: swim.KindAlive, Name: fmt.Appendf(nil, "node-%05d", i), Versions: swim.MemberlistVersions(),
			Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 7946),
		}
		all[i].Stamp.Incarnation = swim.Incarnation(i)
	}
	return all
}

func BenchmarkCompound(b *testing.B) {
	for _, n := range []int{1, 20} {
		messages := gossip(n)
		packet := packetOf(newCodec(b), messages...)
		var c swim.Codec = newCodec(b)
		b.Run(fmt.Sprintf("encode/claims=%d", n), func(b *testing.B) {
			arena, parts := make([]byte, 0, 4096), make([]int, 0, n)
			b.ReportAllocs()
			for b.Loop() {
				arena, parts = c.BeginPacket(arena[:0]), parts[:0]
				for i := range messages {
					parts = append(parts, len(arena))
					arena = c.AppendMessage(arena, &messages[i])
				}
				arena = c.FinishPacket(arena, 0, parts)
			}
			b.ReportMetric(float64(len(arena)), "wire-B/op")
		})
		b.Run(fmt.Sprintf("decode/claims=%d", n), func(b *testing.B) {
			in := new(swim.Message)
			b.ReportAllocs()
			for b.Loop() {
				rest, _ := c.OpenPacket(packet)
				for ok := true; rest.Len() > 0; {
					if rest, ok = c.NextMessage(rest, in); !ok {
						b.Fatal("refused")
					}
				}
			}
		})
	}
}

func BenchmarkCompress(b *testing.B) {
	packet := packetOf(newCodec(b), gossip(18)...)
	packed := AppendCompressed(nil, packet)
	dst := make([]byte, 0, 4096)
	b.Run("compress", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			dst = AppendCompressed(dst[:0], packet)
		}
		b.ReportMetric(float64(len(packet)), "in-B/op")
		b.ReportMetric(float64(len(dst)), "out-B/op")
	})
	b.Run("decompress", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			dst, _ = AppendDecompressed(dst[:0], packed, 4096)
		}
	})
}
