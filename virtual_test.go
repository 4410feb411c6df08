package nekton

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// These tests run the whole library on virtual time: a testing/synctest bubble and
// a network in memory. Hours take milliseconds, and nothing depends on how busy the
// machine is.

// virtual grows a cluster of nodes at 10.0.0.1, 10.0.0.2 … within a bubble.
func virtual(t *testing.T, size int) (*transport.Network, []*Node) {
	network := transport.NewNetwork()
	var nodes []*Node
	for i := range size {
		host := netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)})
		n := NewNode(netip.AddrPortFrom(host, 7000).String(), types.NodeId('a'+rune(i)), 1, sane(), *gossip, "c", "",
			over(network), WithSeed(uint64(i)))
		config := types.GossipStartConfiguration{}
		if i > 0 {
			config = seedList("10.0.0.1:7000")
		}
		if err := n.Start(config); err != nil {
			t.Fatal(err)
		}
		nodes = append(nodes, n)
	}
	list(nodes...)
	time.Sleep(5 * time.Second)
	return network, nodes
}

func stopVirtual(t *testing.T, nodes []*Node) {
	for _, n := range nodes {
		if err := n.Stop(0); err != nil {
			t.Error(err)
		}
	}
}

// counts of nodes shown as UP.
func up(n *Node) (count int) {
	for _, info := range n.GetLocalState() {
		if info.Status == types.NODE_STATUS_UP {
			count++
		}
	}
	return count
}

func TestAPartitionHealsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, nodes := virtual(t, 5)
		defer stopVirtual(t, nodes)
		half := func(a netip.AddrPort) bool { return a.Addr().As4()[3] <= 2 }
		network.Sever(func(from, to netip.AddrPort) bool { return half(from) != half(to) })
		time.Sleep(time.Hour)
		for i, n := range nodes {
			want, inQuorum := 3, types.NODE_STATUS_UP
			if i < 2 {
				want, inQuorum = 1, types.NODE_STATUS_NOT_IN_QUORUM // the peer; itself it shows out of quorum
			}
			if got := up(n); got != want || n.GetSelfStatus() != inQuorum {
				t.Errorf("after an hour apart, %s shows %d UP and is %v", n.NodeId(), got, n.GetSelfStatus())
			}
		}
		nodes[0].UpdateSelf("k", "of the minority")
		network.Sever(nil)
		time.Sleep(time.Minute)
		for _, n := range nodes {
			if got := up(n); got != 5 {
				t.Errorf("a minute after the cut, %s shows %d UP", n.NodeId(), got)
			}
			if got := Values[string](n, "k")["a"]; got != "of the minority" {
				t.Errorf("%s sees %q", n.NodeId(), got)
			}
		}
	})
}

// A node whose interface is gone blames itself, and nobody hears its verdicts.
func TestANodeThatIsCutOffLeavesQuorumAndHarmsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network, nodes := virtual(t, 5)
		defer stopVirtual(t, nodes)
		alone := netip.MustParseAddr("10.0.0.5")
		events := nodes[4].Subscribe(t.Context())
		network.Sever(func(from, to netip.AddrPort) bool { return from.Addr() == alone || to.Addr() == alone })
		time.Sleep(2 * time.Minute)
		if got := nodes[4].GetSelfStatus(); got != types.NODE_STATUS_NOT_IN_QUORUM {
			t.Errorf("the lonely node is %v", got)
		}
		if e := nextMatch(t, events, func(SelfEvent) bool { return true }); e.Change != SelfCutOff {
			t.Errorf("its first finding about itself is %v", e)
		}
		if !nodes[4].Stats().CutOff {
			t.Error("it does not say that it is cut off")
		}
		deaths := uint64(0)
		for _, n := range nodes[:4] {
			deaths += n.Stats().Protocol.Deaths
		}
		network.Sever(nil)
		time.Sleep(time.Minute)
		for _, n := range nodes {
			if got := up(n); got != 5 {
				t.Errorf("%s shows %d UP", n.NodeId(), got)
			}
		}
		after := uint64(0)
		for _, n := range nodes[:4] {
			after += n.Stats().Protocol.Deaths
		}
		if after != deaths {
			t.Errorf("after its return there were %d more deaths", after-deaths)
		}
	})
}

// An hour without UDP logs a few lines a minute, not one for each packet.
func TestALongOutageLogsLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out strings.Builder
		network := transport.NewNetwork()
		a := NewNode("10.0.0.1:7000", "a", 1, sane(), *gossip, "c", "", over(network), logTo(&out))
		b := NewNode("10.0.0.2:7000", "b", 1, sane(), *gossip, "c", "", over(network))
		defer stopVirtual(t, []*Node{a, b})
		if err := a.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		if err := b.Start(seedList("10.0.0.1:7000")); err != nil {
			t.Fatal(err)
		}
		list(a, b)
		time.Sleep(10 * time.Second)
		network.Sever(func(_, _ netip.AddrPort) bool { return true })
		time.Sleep(time.Hour)
		synctest.Wait()
		if lines := strings.Count(out.String(), "\n"); lines > 60+20 {
			t.Errorf("%d lines in an hour:\n%.2000s", lines, out.String())
		}
	})
}

// Deleted keys are forgotten on time, also by nodes that do not run.
func TestTombstonesOfKeysAreCollected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := transport.NewNetwork()
		n := NewNode("10.0.0.1:7000", "a", 1, types.GossipIntervals{}, *gossip, "c", "", over(network), WithTombstoneTTL(time.Minute))
		n.UpdateSelf("k", 1)
		n.DeleteSelf("k")
		time.Sleep(2 * time.Minute)
		if got := n.Stats().Store.Tombstones; got != 1 {
			t.Errorf("before Start nobody collects, but %d tombstones are left", got)
		}
		if err := n.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		n.UpdateSelf("k", 1)
		n.DeleteSelf("k")
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if got := n.Stats().Store.Tombstones; got != 0 {
			t.Errorf("%d tombstones are left", got)
		}
		stopVirtual(t, []*Node{n})
	})
}

// Seeds that are names are looked up again, for ever: a node whose seeds moved while
// everyone was away finds them at their new address.
func TestSeedsAreLookedUpAgainForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := transport.NewNetwork()
		resolver := &names{}
		nowhere := netip.MustParseAddr("10.9.9.9")
		resolver.answer.Store(&nowhere)
		n := NewNode("10.0.0.1:7000", "a", 1, sane(), *gossip, "c", "", over(network), WithResolver(resolver))
		if err := n.Start(seedList("seed.example:7000")); err == nil {
			t.Error("nobody is there, but Start succeeded")
		}
		time.Sleep(3 * time.Hour)
		seed := NewNode("10.0.0.2:7000", "b", 1, sane(), *gossip, "c", "", over(network))
		if err := seed.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		moved := netip.MustParseAddr("10.0.0.2")
		resolver.answer.Store(&moved)
		time.Sleep(2 * time.Minute)
		if got := len(n.GetNodes()); got != 2 {
			t.Errorf("two minutes after the seed came back the node knows %d members", got)
		}
		stopVirtual(t, []*Node{n, seed})
	})
}

// A waiting Stop takes virtual time as well.
func TestConcurrentStopsWaitForEachOther(t *testing.T) {
	needs(t, "acknowledged departures")
	synctest.Test(t, func(t *testing.T) {
		network, nodes := virtual(t, 3)
		network.DropPackets(func(_, _ netip.AddrPort) bool { return true }) // no ack of the departure
		first, second, third := make(chan error, 1), make(chan error, 1), make(chan error, 1)
		go func() { first <- nodes[0].Stop(2 * time.Second) }()
		synctest.Wait()
		go func() { second <- nodes[0].Stop(time.Second) }()
		go func() {
			ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
			defer cancel()
			third <- nodes[0].StopContext(ctx)
		}()
		if err := <-second; err == nil || len(first) > 0 {
			t.Errorf("a Stop whose time is over first returned %v", err)
		}
		if err := <-first; err == nil {
			t.Error("the departure was acknowledged by nobody, but Stop succeeded")
		}
		if err := <-third; err != nil {
			t.Errorf("the Stop that waited returned %v", err)
		}
		stopVirtual(t, nodes[1:])
	})
}

// Streams to peers that swallow everything end with the probe that wanted them, so
// that they do not keep others from their turn.
func TestStreamPingsDoNotPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := transport.NewNetwork()
		opts := []Option{over(network), WithProtocol(Protocol{HealInterval: Off}), WithLimits(Limits{StreamTimeout: time.Hour})}
		pace := sane()
		pace.PushPullInterval = 0 // a comparison that is not answered opens a stream, too
		a := NewNode("10.0.0.1:7000", "a", 1, pace, *gossip, "c", "", opts...)
		b := NewNode("10.0.0.2:7000", "b", 1, pace, *gossip, "c", "", opts...)
		defer stopVirtual(t, []*Node{a, b})
		if err := a.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		if err := b.Start(seedList("10.0.0.1:7000")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Second)
		network.Sever(func(_, _ netip.AddrPort) bool { return true })
		time.Sleep(3 * time.Second)
		if got := a.Stats().Streams.Outgoing.Open; got == 0 {
			t.Error("no stream ping is under way")
		}
		time.Sleep(time.Minute)
		if got := a.Stats().Streams.Outgoing.Open; got != 0 {
			t.Errorf("%d streams to a dead peer are still being opened", got)
		}
	})
}
