package nekton

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// still is a node on loopback that does nothing by itself, so that only what is
// measured happens.
func still(b testing.TB, opts ...Option) *Node {
	n := NewNode("127.0.0.1:0", "node", 1, types.GossipIntervals{}, "v2", "c", "", opts...)
	if err := n.Start(types.GossipStartConfiguration{}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = n.Stop(0) })
	return n
}

// aPing is a ping for a still node, as a packet.
func aPing(b testing.TB) []byte {
	codec, err := wirev2.New("c", "v2")
	if err != nil {
		b.Fatal(err)
	}
	p := codec.AppendMessage(codec.BeginPacket(nil), &swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("node")})
	return codec.FinishPacket(p, 0, []int{5})
}

// The hot path of a real node: a ping comes in on a UDP socket of loopback, the ack
// goes out. The time is that of both ends and the system; the allocations are the
// node's, since our end makes none.
func BenchmarkPingAckOverUDP(b *testing.B) {
	n := still(b)
	sock, err := transport.Listen(b.Context(), transport.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		b.Fatal(err)
	}
	defer sock.Close()
	to, ping, buf := netip.MustParseAddrPort(n.Addr()), aPing(b), make([]byte, transport.PacketBuffer)
	b.ReportAllocs()
	for b.Loop() {
		if err := sock.WritePacket(ping, to); err != nil {
			b.Fatal(err)
		}
		if _, _, err := sock.ReadPacket(buf); err != nil {
			b.Fatal(err)
		}
	}
}

// mute is a transport that takes packets and delivers none, for measuring the
// engine alone.
type mute struct{ transport.Transport }

func (mute) WritePacket([]byte, netip.AddrPort) error { return nil }

// The same without sockets: lock, state machine, swap, unlock, hand over.
func BenchmarkPingAckEngine(b *testing.B) {
	n, handle := engine(b)
	ping, from := aPing(b), netip.MustParseAddrPort("10.0.0.9:7000")
	b.ReportAllocs()
	for b.Loop() {
		handle(ping, from)
	}
	if got := n.Stats().Protocol.MessagesOut[swim.KindAck]; got == 0 {
		b.Error("no ack went out")
	}
}

// engine is a node without sockets, and what its reader does with a packet.
func engine(b testing.TB) (*Node, func(packet []byte, from netip.AddrPort)) {
	network := transport.NewNetwork()
	n := still(b, WithTransport(func(_ context.Context, addr string) (transport.Transport, error) {
		t, err := network.Listen(addr)
		return mute{t}, err
	}))
	out := new(output)
	return n, func(packet []byte, from netip.AddrPort) {
		n.mu.Lock()
		now := n.glance()
		n.core.HandlePacket(now, from, packet)
		n.collect(out)
		n.mu.Unlock()
		n.carryOut(out)
	}
}

func TestAPingIsAnsweredWithoutAllocation(t *testing.T) {
	_, handle := engine(t)
	ping, from := aPing(t), netip.MustParseAddrPort("10.0.0.9:7000")
	if allocs := testing.AllocsPerRun(1000, func() { handle(ping, from) }); allocs > 0 {
		t.Errorf("%v allocations for a ping", allocs)
	}
}

// Reading a value of a peer, as programs do on every request.
func BenchmarkValue(b *testing.B) {
	n := NewNode("127.0.0.1:0", "n", 1, types.GossipIntervals{}, "v2", "c", "")
	n.UpdateSelf("k", "v")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Value[string](n, "n", "k"); err != nil {
			b.Fatal(err)
		}
	}
}

// What one more reader of everything costs a node of a cluster of 1000 that
// publish 4 keys each.
func BenchmarkGetLocalState(b *testing.B) {
	n := NewNode("127.0.0.1:0", "n", 1, types.GossipIntervals{}, "v2", "c", "")
	peers := map[types.NodeId]types.NodeUpdate{}
	state := types.NodeInfoMap{}
	for i := range 1000 {
		id := types.NodeId(net.IPv4(10, 0, byte(i>>8), byte(i)).String())
		peers[id] = types.NodeUpdate{}
		state[id] = types.NodeInfo{Id: id, LastUpdateTs: time.Now().Add(time.Hour), Value: types.StoreMap{"a": 1, "b": "two", "c": 3.0, "d": true}}
	}
	n.UpdateCluster(peers)
	n.Update(state)
	b.ReportAllocs()
	for b.Loop() {
		if got := len(n.GetLocalState()); got != 1001 {
			b.Fatal(got)
		}
	}
}
