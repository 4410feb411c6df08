package nekton

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// v1Cluster grows a cluster on memberlist's wire whose nodes know each other.
func v1Cluster(t testing.TB, size int, opts ...Option) (*site, []*Node) {
	t.Helper()
	s := newSite(t)
	s.version, s.opts = types.DEFAULT_GOSSIP_VERSION, opts
	nodes := s.grow(size)
	list(nodes...)
	allUp(t, nodes...)
	return s, nodes
}

// publishes waits until every node shows a value of one of them.
func publishes(t testing.TB, nodes []*Node, id types.NodeId, key types.StoreKey, want any) {
	t.Helper()
	for _, n := range nodes {
		eventually(t, func() bool {
			v, err := Value[any](n, id, key)
			return err == nil && reflect.DeepEqual(v, want)
		}, "%s shows %v of %s", n.NodeId(), want, id)
	}
}

func TestNodesOfV1JoinAndPublish(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 3)
	for i, n := range nodes {
		n.UpdateSelf("number", i)
		n.UpdateSelf("names", []string{"x", string(n.NodeId())})
	}
	for i, n := range nodes {
		publishes(t, nodes, n.NodeId(), "number", i)
		publishes(t, nodes, n.NodeId(), "names", []string{"x", string(n.NodeId())})
	}
	nodes[1].UpdateSelf("number", "another type")
	if !nodes[1].DeleteSelf("names") {
		t.Fatal("it was not there")
	}
	publishes(t, nodes, "n2", "number", "another type")
	eventually(t, func() bool { return len(nodes[0].GetStoreKeyValue("names")) == 2 }, "a deleted key is gone")
	info, err := nodes[0].GetLocalNodeInfo("n3")
	if err != nil || info.GenNumber != 1 || !info.QuorumMember || info.Addr != nodes[2].Addr() {
		t.Errorf("n1 shows %+v, %v", info, err)
	}
	if stats := nodes[0].Stats(); stats.LostStates != 0 || stats.RefusedValues != 0 {
		t.Errorf("%d states lost, %d values refused", stats.LostStates, stats.RefusedValues)
	}
}

func TestAValueOfAnUnknownNodeShowsWhenItIsListed(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = types.DEFAULT_GOSSIP_VERSION
	nodes := s.grow(2)
	nodes[1].UpdateSelf("k", "v")
	if _, err := nodes[0].GetLocalNodeInfo("n2"); err == nil {
		t.Fatal("n2 is known without having been listed")
	}
	list(nodes...)
	allUp(t, nodes...)
	publishes(t, nodes, "n2", "k", "v")
}

func TestALeaveAndACrashAreSeenInV1(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 4)
	nodes[3].UpdateSelf("last", "words")
	publishes(t, nodes, "n4", "last", "words")
	if err := nodes[3].Stop(patience); err != nil {
		t.Fatal(err)
	}
	if got := nodes[3].GetSelfStatus(); got != types.NODE_STATUS_DOWN {
		t.Errorf("who has left is %v", got)
	}
	for _, n := range nodes[:3] {
		awaitStatus(t, n, "n4", types.NODE_STATUS_DOWN)
		if m := member(n, "n4"); m.State != MemberGone {
			t.Errorf("%s holds n4 %v", n.NodeId(), m.State)
		}
	}
	publishes(t, nodes[:3], "n4", "last", "words")
	stopAll(t, nodes[2])
	for _, n := range nodes[:2] {
		awaitStatus(t, n, "n3", types.NODE_STATUS_DOWN)
		awaitStatus(t, n, n.NodeId(), types.NODE_STATUS_NOT_IN_QUORUM)
	}
}

func TestARestartInV1IsRefutedBackToLife(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 3)
	addr := nodes[2].Addr()
	nodes[2].UpdateSelf("run", 1)
	publishes(t, nodes, "n3", "run", 1)
	stopAll(t, nodes[2])
	awaitStatus(t, nodes[0], "n3", types.NODE_STATUS_DOWN)
	again := s.nodeAt(addr, "n3", 2, "")
	again.UpdateSelf("run", 2)
	s.start(again, nodes[0])
	list(nodes[0], nodes[1], again)
	now := []*Node{nodes[0], nodes[1], again}
	allUp(t, now...)
	publishes(t, now, "n3", "run", 2)
	if info, _ := nodes[1].GetLocalNodeInfo("n3"); info.GenNumber != 2 {
		t.Errorf("its generation is shown as %d", info.GenNumber)
	}
}

func TestARestartInV1AtAnotherAddressWaitsUntilTheOldOneIsDead(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 3)
	stopAll(t, nodes[2])
	again := s.nodeAt("127.0.0.1:0", "n3", 1, "")
	s.start(again, nodes[0])
	list(nodes[0], nodes[1], again)
	for _, n := range nodes[:2] {
		eventually(t, func() bool {
			m := member(n, "n3")
			return m.Addr.String() == again.Addr() && m.State == MemberAlive
		}, "%s has n3 at its new address", n.NodeId())
	}
	allUp(t, nodes[0], nodes[1], again)
}

func TestNodesOfOtherVersionsAndClustersStayApartInV1(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 2)
	for _, other := range []struct {
		version, cluster string
	}{{"v3", "c"}, {"v1", "another"}} {
		n := NewNode("127.0.0.1:0", "x", 1, s.intervals, other.version, other.cluster, "")
		t.Cleanup(func() { _ = n.Stop(0) })
		var join *JoinError
		if err := n.Start(s.config(nodes[0])); !errors.As(err, &join) {
			t.Errorf("%v: Start returned %v", other, err)
		}
		var refused *RefusedError
		if !errors.As(join, &refused) || !refused.ByUs {
			t.Errorf("%v: the error does not say who refused whom: %v", other, join)
		}
		if got := n.GetNodes(); len(got) != 1 {
			t.Errorf("%v: it lists %v", other, got)
		}
	}
	remains(t, 300*time.Millisecond, func() bool { return len(nodes[1].GetNodes()) == 2 }, "the cluster has its two members")
}

func TestANodeNamedV2CanSpeakMemberlistsWire(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.opts = []Option{WithMemberlistWire()}
	nodes := s.grow(2)
	list(nodes...)
	allUp(t, nodes...)
	nodes[0].UpdateSelf("k", 1.5)
	publishes(t, nodes, "n1", "k", 1.5)
	if nodes[0].core.TableName() != "n1v2" {
		t.Error("it does not")
	}
}

func TestNodesOfV1AndV2DoNotMeet(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 1)
	other := NewNode("127.0.0.1:0", "x", 1, s.intervals, "v2", "c", "")
	t.Cleanup(func() { _ = other.Stop(0) })
	var join *JoinError
	if err := other.Start(s.config(nodes[0])); !errors.As(err, &join) {
		t.Errorf("Start returned %v", err)
	}
	if len(nodes[0].GetNodes()) != 1 || len(other.GetNodes()) != 1 {
		t.Error("they have met")
	}
}

func TestPingIsNotPossibleInV1(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 2)
	_, err := nodes[0].Ping("n2", nodes[1].Addr())
	var cannot *VersionError
	if !errors.As(err, &cannot) || cannot.Version != "v1" {
		t.Errorf("the error is %v", err)
	}
	want := fmt.Sprintf(`nekton: ping n2 at %s: Ping: not possible in gossip version "v1", which speaks memberlist's wire`, nodes[1].Addr())
	if err == nil || err.Error() != want {
		t.Errorf("the message is %q, want %q", err, want)
	}
}

func TestALostPeerOfV1WithALiveSiblingIsDown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = types.DEFAULT_GOSSIP_VERSION
	s.provider = types.QUORUM_PROVIDER_FAILURE_DOMAINS
	s.active = types.ClusterDomainsActiveMap{"a": on, "b": on, "w": on}
	for _, id := range []string{"a1", "a2", "b1", "b2", "w"} {
		n := s.node(types.NodeId(id), id[:1])
		s.start(n, s.nodes[:min(1, len(s.nodes)-1)]...)
	}
	list(s.nodes...)
	allUp(t, s.nodes...)
	stopAll(t, s.nodes[3])
	for _, n := range s.nodes[:3] {
		awaitStatus(t, n, "b2", types.NODE_STATUS_DOWN)
	}
}

// Two processes of one name: who came first stays, whatever the generations. The
// other is not listed while the first lives.
func TestGenerationsAreNotComparedInV1(t *testing.T) {
	t.Parallel()
	s, nodes := v1Cluster(t, 3)
	first := nodes[2].Addr()
	higher := s.nodeAt("127.0.0.1:0", "n3", 9, "")
	s.start(higher, nodes[0])
	eventually(t, func() bool { return nodes[0].Stats().Protocol.Conflicts > 0 }, "the conflict is counted")
	remains(t, 500*time.Millisecond, func() bool {
		return member(nodes[0], "n3").Addr.String() == first && member(nodes[1], "n3").Addr.String() == first
	}, "n3 is who it was")
	if m := member(nodes[0], "n3"); m.State != MemberAlive || m.Generation != 0 || m.Boot != 0 {
		t.Errorf("n1 holds %+v", m)
	}
	stopAll(t, higher, nodes[2])
	lower := s.nodeAt(first, "n3", 0, "") // lower than both
	s.start(lower, nodes[0])
	list(nodes[0], nodes[1], lower)
	allUp(t, nodes[0], nodes[1], lower)
}

// Nobody is there to acknowledge anything.
func TestADepartureInV1IsOverWhenItWasSentOftenEnough(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = types.DEFAULT_GOSSIP_VERSION
	s.intervals.ProbeInterval = 10 * time.Second // nobody finds out that the others are gone
	nodes := s.grow(3)
	eventually(t, func() bool { return len(nodes[0].GetNodes()) == 3 }, "all members are there")
	stopAll(t, nodes[1], nodes[2])
	if err := nodes[0].Stop(patience); err != nil {
		t.Errorf("Stop returned %v", err)
	}
	p := nodes[0].Stats().Protocol
	if sent := p.MessagesOut[swim.KindDead]; p.RetransmitLimit == 0 || sent < uint64(p.RetransmitLimit) {
		t.Errorf("it was sent %d times, want %d", sent, p.RetransmitLimit)
	}
}

func TestValuesInV1TravelWholeAndWithPushPullsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := transport.NewNetwork()
		pace := sane()
		pace.PushPullInterval = time.Minute
		// Seeds, since the first push-pull is at a random time within the interval.
		a := NewNode("10.0.0.1:7000", "a", 1, pace, "v1", "c", "", over(network), WithCompression(false), WithSeed(1))
		b := NewNode("10.0.0.2:7000", "b", 1, pace, "v1", "c", "", over(network), WithCompression(false), WithSeed(2))
		defer stopVirtual(t, []*Node{a, b})
		large := bytes.Repeat([]byte("x"), 10_000)
		a.UpdateSelf("large", large)
		if err := a.Start(types.GossipStartConfiguration{}); err != nil {
			t.Fatal(err)
		}
		list(a, b)
		if err := b.Start(seedList("10.0.0.1:7000")); err != nil {
			t.Fatal(err)
		}
		list(a, b)
		shown := func() int { v, _ := Value[[]byte](b, "a", "large"); return len(v) }
		if shown() != 0 {
			t.Error("the state of a push-pull that joins is taken")
		}
		waited := 0
		for ; shown() == 0 && waited < 300; waited++ {
			time.Sleep(time.Second)
		}
		if waited < 2 || waited > 61 {
			t.Errorf("the value came after %d s", waited)
		}
		before := b.Stats().PushPulls.BytesIn
		time.Sleep(10 * time.Minute)
		if moved := b.Stats().PushPulls.BytesIn - before; moved < 10*uint64(len(large)) {
			t.Errorf("in ten minutes without a change, %d bytes came", moved)
		}
	})
}

// Values are ordered by the wall clock of who publishes them. After a restart with a
// clock that was put right, they are not shown until it is where it had been.
func TestAClockThatWasAheadHidesNewValuesInV1(t *testing.T) {
	for _, version := range []string{types.DEFAULT_GOSSIP_VERSION, types.GOSSIP_VERSION_2} {
		t.Run(version, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := transport.NewNetwork()
				pace := sane()
				observer := NewNode("10.0.0.1:7000", "observer", 1, pace, version, "c", "", over(network))
				wrong := NewNode("10.0.0.2:7000", "n", 1, pace, version, "c", "", over(network), WithClock(ahead{newSystemClock()}))
				right := NewNode("10.0.0.2:7000", "n", 2, pace, version, "c", "", over(network))
				defer stopVirtual(t, []*Node{observer, right})
				if err := observer.Start(types.GossipStartConfiguration{}); err != nil {
					t.Fatal(err)
				}
				run := func(n *Node, value string) {
					t.Helper()
					n.UpdateSelf("k", value)
					if err := n.Start(seedList("10.0.0.1:7000")); err != nil {
						t.Fatal(err)
					}
					list(observer, n)
					time.Sleep(time.Minute)
				}
				shown := func() string { v, _ := Value[string](observer, "n", "k"); return v }
				run(wrong, "from an hour ahead")
				if shown() != "from an hour ahead" {
					t.Errorf("it shows %q", shown())
				}
				if err := wrong.Stop(time.Minute); err != nil {
					t.Fatal(err)
				}
				run(right, "new")
				if hidden := shown() != "new"; hidden != (version != types.GOSSIP_VERSION_2) {
					t.Errorf("it shows %q", shown())
				}
				if status(observer, "n") != types.NODE_STATUS_UP {
					t.Error("n is not UP")
				}
				time.Sleep(time.Hour)
				if shown() != "new" {
					t.Errorf("an hour later it shows %q", shown())
				}
			})
		})
	}
}

func TestRubbishInV1IsCountedAndHarmless(t *testing.T) {
	t.Parallel()
	_, nodes := v1Cluster(t, 2)
	n := nodes[0]
	conn, err := net.Dial("udp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// Of kinds that there are not; a ping that is none; a compound of nothing but its count;
	// a checksum that is wrong; compressed rubbish.
	packets := [][]byte{{0xff}, {99, 1, 2}, {0, 0xc1, 0xc1}, {7, 200}, {12, 1, 2, 3, 4, 0}, {9, 1, 2, 3}, bytes.Repeat([]byte{7}, 60000)}
	for _, b := range packets {
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, b := range [][]byte{[]byte("GET / HTTP/1.1\r\n\r\n"), {6, 0xc1}, {9, 0xc1}, {99}} {
		s, err := net.Dial("tcp", n.Addr())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(b); err != nil {
			t.Errorf("% x: %v", b, err)
		}
		if err := s.(*net.TCPConn).CloseWrite(); err != nil {
			t.Errorf("% x: %v", b, err)
		}
		if err := s.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		// Some are told what was wrong; nobody gets a table.
		if answer, _ := io.ReadAll(s); bytes.Contains(answer, []byte("n2v1")) {
			t.Errorf("% x was answered with a table", b)
		}
		s.Close()
	}
	eventually(t, func() bool {
		dropped := uint64(0)
		for _, d := range n.Stats().Protocol.Drops {
			dropped += d
		}
		return dropped >= uint64(len(packets)) && n.Stats().Streams.Incoming.Failed >= 4
	}, "rubbish is counted: %+v", n.Stats().Protocol.Drops)
	n.UpdateSelf("k", "v")
	publishes(t, nodes, "n1", "k", "v")
	if got := n.Stats().Protocol.Suspicions; got != 0 || len(n.GetNodes()) != 2 {
		t.Errorf("%d suspicions, members %v", got, n.GetNodes())
	}
}
