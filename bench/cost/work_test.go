package cost

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/types"
)

// work is one comparison.
type work struct {
	name                string
	nekton, memberlist  func(*testing.B)
	cpuGoal, allocsGoal float64 // ratios
}

func works() []work {
	var all []work
	add := func(name string, run func(b *testing.B, ours bool), cpu, allocs float64) {
		all = append(all, work{name, func(b *testing.B) { run(b, true) }, func(b *testing.B) { run(b, false) }, cpu, allocs})
	}
	for _, compress := range []bool{true, false} {
		how := "compressing"
		if !compress {
			how = "not compressing"
		}
		add("handle ping, send ack, "+how, func(b *testing.B, ours bool) { handle(b, ours, compress, pingPacket()) }, 5, 10)
		add("handle 20 members, "+how, func(b *testing.B, ours bool) { handle(b, ours, compress, membersPacket()) }, 5, 10)
		add("push-pull of 10,000, "+how, func(b *testing.B, ours bool) { pushPull(b, ours, compress, 10000) }, 5, 10)
	}
	add("encode ping", encodePing, 5, 10)
	add("encode ack", encodeAck, 5, 10)
	add("encode 20 members", encodeMembers, 5, 10)
	add("decode ping", func(b *testing.B, ours bool) { decode(b, ours, pingPacket(), func() any { return new(ping) }) }, 5, 10)
	add("decode ack", func(b *testing.B, ours bool) {
		decode(b, ours, peer.Message(peer.TypeAck, ack{SeqNo: 7}), func() any { return new(ack) })
	}, 5, 10)
	add("decode 20 members", decodeMembers, 5, 10)
	return all
}

func BenchmarkV1(b *testing.B) {
	for _, w := range works() {
		b.Run(w.name+"/nekton", w.nekton)
		b.Run(w.name+"/memberlist", w.memberlist)
	}
}

// TestTable prints the comparison, with its ratios, and holds it to its goals.
func TestTable(t *testing.T) {
	if os.Getenv("NEKTON_LONG") != "1" {
		t.Skip("takes a minute; NEKTON_LONG=1 runs it")
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	t.Logf("%-40s %23s   %23s   %s", "", "nekton: CPU, allocs", "memberlist: CPU, allocs", "ratios")
	for _, w := range works() {
		n, m := testing.Benchmark(w.nekton), testing.Benchmark(w.memberlist)
		cpu := m.Extra["cpu-ns/op"] / n.Extra["cpu-ns/op"]
		allocs := float64(m.AllocsPerOp()) / max(1, float64(n.AllocsPerOp()))
		t.Logf("%-40s %12.2f us %8d   %12.2f us %8d   %6.1f x  %8.1f x", w.name,
			n.Extra["cpu-ns/op"]/1e3, n.AllocsPerOp(), m.Extra["cpu-ns/op"]/1e3, m.AllocsPerOp(), cpu, allocs)
		if cpu < w.cpuGoal || n.AllocsPerOp() > 0 && allocs < w.allocsGoal {
			t.Errorf("%s: CPU %.1f times less, want %.0f; allocations %.1f times fewer, want %.0f", w.name, cpu, w.cpuGoal, allocs, w.allocsGoal)
		}
	}
}

// measure runs op, and reports the CPU that it took.
func measure(b *testing.B, op func()) {
	b.ReportAllocs()
	op() // what is made once
	b.ResetTimer()
	began := processCPU()
	for range b.N {
		op()
	}
	b.ReportMetric(float64(processCPU()-began)/float64(b.N), "cpu-ns/op")
}

// The messages of memberlist, as it declares them.
type (
	ping struct {
		SeqNo      uint32
		Node       string
		SourceAddr []byte `codec:",omitempty"`
		SourcePort uint16 `codec:",omitempty"`
		SourceNode string `codec:",omitempty"`
	}
	ack struct {
		SeqNo   uint32
		Payload []byte
	}
	alive struct {
		Incarnation uint32
		Node        string
		Addr        []byte
		Port        uint16
		Meta        []byte
		Vsn         []uint8
	}
)

func pingPacket() []byte {
	return theirMessage(peer.TypePing, aPing())
}

func aPing() ping {
	addr := other.Addr().As4()
	return ping{SeqNo: 7, Node: "av1", SourceAddr: addr[:], SourcePort: other.Port(), SourceNode: "bv1"}
}

func member(i int) alive {
	return alive{
		Incarnation: 1, Node: fmt.Sprintf("member-%03d", i), Addr: []byte{10, 1, 0, byte(i)}, Port: 7946,
		Meta: []byte{}, Vsn: []uint8{1, 5, 2, 0, 0, 0},
	}
}

// membersPacket is a compound of 20 members and, so that there is an answer, a ping.
func membersPacket() []byte {
	var parts [][]byte
	for i := range 20 {
		parts = append(parts, theirMessage(peer.TypeAlive, member(i)))
	}
	return compound(append(parts, pingPacket()))
}

func compound(parts [][]byte) []byte {
	b := []byte{peer.TypeCompound, byte(len(parts))}
	for _, p := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(p)))
	}
	return append(b, bytes.Join(parts, nil)...)
}

// theirMessage encodes as memberlist does.
func theirMessage(kind byte, v any) []byte {
	buf := bytes.NewBuffer(nil)
	buf.WriteByte(kind)
	if err := codec.NewEncoder(buf, &codec.MsgpackHandle{}).Encode(v); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

func handle(b *testing.B, ours, compress bool, packet []byte) {
	s := theirSubject
	if ours {
		s = ourSubject
	}
	m := s(b, compress)
	m.ask(packet, 1) // its members are known from here on
	b.ReportAllocs()
	b.ResetTimer()
	began := processCPU()
	for left := b.N; left > 0; left -= burst {
		m.ask(packet, min(left, burst))
	}
	b.ReportMetric(float64(processCPU()-began)/float64(b.N), "cpu-ns/op")
}

func newCodec(b *testing.B) *wirev1.Codec {
	c, err := wirev1.New(wirev1.Config{Name: "bv1", Addr: other})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func encodeOurs(b *testing.B, messages ...swim.Message) {
	c := newCodec(b)
	var buf []byte
	var parts []int
	measure(b, func() {
		buf, parts = c.BeginPacket(buf[:0]), parts[:0]
		for i := range messages {
			parts = append(parts, len(buf))
			buf = c.AppendMessage(buf, &messages[i])
		}
		buf = c.FinishPacket(buf, 0, parts)
	})
}

func encodePing(b *testing.B, ours bool) {
	if ours {
		encodeOurs(b, swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("av1"), ReplyTo: other, From: []byte("bv1")})
		return
	}
	p := aPing()
	measure(b, func() { theirMessage(peer.TypePing, &p) })
}

func encodeAck(b *testing.B, ours bool) {
	if ours {
		encodeOurs(b, swim.Message{Kind: swim.KindAck, Seq: 7})
		return
	}
	measure(b, func() { theirMessage(peer.TypeAck, &ack{SeqNo: 7}) })
}

func encodeMembers(b *testing.B, ours bool) {
	if ours {
		var messages []swim.Message
		for i := range 20 {
			m := member(i)
			messages = append(messages, swim.Message{Kind: swim.KindAlive, Name: []byte(m.Node), Addr: other,
				Stamp: swim.Stamp{Incarnation: 1}, Versions: swim.MemberlistVersions()})
		}
		encodeOurs(b, messages...)
		return
	}
	var members [20]alive
	for i := range members {
		members[i] = member(i)
	}
	measure(b, func() {
		parts := make([][]byte, 0, len(members))
		for i := range members {
			parts = append(parts, theirMessage(peer.TypeAlive, &members[i]))
		}
		compound(parts)
	})
}

func decodeOurs(b *testing.B, packet []byte) {
	c := newCodec(b)
	var m swim.Message
	measure(b, func() {
		rest, drop := c.OpenPacket(packet)
		if drop != swim.DropNone {
			b.Fatal(drop)
		}
		for ok := true; rest.Len() > 0; {
			if rest, ok = c.NextMessage(rest, &m); !ok {
				b.Fatal("malformed")
			}
		}
	})
}

func decodeTheirs(b *testing.B, message []byte, into any) {
	if err := codec.NewDecoder(bytes.NewReader(message[1:]), &codec.MsgpackHandle{}).Decode(into); err != nil {
		b.Fatal(err)
	}
}

func decode(b *testing.B, ours bool, packet []byte, into func() any) {
	if ours {
		decodeOurs(b, packet)
		return
	}
	measure(b, func() { decodeTheirs(b, packet, into()) })
}

func decodeMembers(b *testing.B, ours bool) {
	var parts [][]byte
	for i := range 20 {
		parts = append(parts, theirMessage(peer.TypeAlive, member(i)))
	}
	if ours {
		decodeOurs(b, compound(parts))
		return
	}
	measure(b, func() {
		for _, p := range parts {
			decodeTheirs(b, p, new(alive))
		}
	})
}

// theirTable is a push-pull as memberlist sends it.
func theirTable(rows []peer.Row) []byte {
	type header struct {
		Nodes, UserStateLen int
		Join                bool
	}
	b := theirMessage(peer.TypePushPull, header{Nodes: len(rows)})
	for i := range rows {
		b = append(b, theirMessage(0, &rows[i])[1:]...)
	}
	return b
}

// pushPull trades a table with a member that holds the same one. The other side only
// writes the bytes of its table and reads those of the answer.
func pushPull(b *testing.B, ours, compress bool, members int) {
	site := peer.InMemory()
	at := site.Addr()
	if ours {
		n := nekton.NewNode(at.String(), "a", 1, types.GossipIntervals{}, "v1", "c", "",
			nekton.WithForeignMembers(), nekton.WithCompression(compress), nekton.WithTransport(site.Listen))
		if err := n.Start(types.GossipStartConfiguration{}); err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = n.Stop(0) })
	} else {
		m, err := site.Start("av1", at, peer.Pace{SuspicionMult: 4}, func(c *memberlist.Config) { c.EnableCompression = compress })
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = m.Shutdown() })
	}
	rows := make([]peer.Row, members)
	for i := range rows {
		rows[i] = peer.Row{
			Name: fmt.Sprintf("member-%05d", i), Addr: []byte{10, 1, byte(i >> 8), byte(i)}, Port: 7946, Incarnation: 1,
			Meta: bytes.Repeat([]byte{byte(i), byte(i >> 8)}, 16), Vsn: []byte{1, 5, 2, 0, 0, 0},
		}
	}
	table := theirTable(rows)
	if compress {
		table = peer.Compressed(table)
	}
	from, err := site.Listen(context.Background(), site.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = from.Close() })
	var answer int64
	op := func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		c, err := from.Dial(ctx, at)
		if err != nil {
			b.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write(table); err != nil {
			b.Fatal(err)
		}
		if answer, err = io.Copy(io.Discard, c); err != nil {
			b.Fatal(err)
		}
	}
	op()
	measure(b, op)
	if answer < int64(len(table))/2 {
		b.Fatalf("the answer to %d bytes has %d", len(table), answer)
	}
}
