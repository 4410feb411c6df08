package nekton

import (
	"errors"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

func TestStatsAreOnePictureOfTheNode(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3)
	n := nodes[0]
	n.UpdateSelf("k", "v")
	eventually(t, func() bool { s := n.Stats(); return s.RoundTrips.Count > 3 && s.PushPulls.Durations.Count > 0 }, "something is measured")
	s := n.Stats()
	if s.Node != "n1" || s.Cluster != "c" || s.Version != *gossip || s.Generation != 1 || s.Phase != PhaseRunning || s.At.IsZero() {
		t.Errorf("the node is %q of %q %q, %v", s.Node, s.Cluster, s.Version, s.Phase)
	}
	if s.Status != types.NODE_STATUS_UP || s.Nodes[types.NODE_STATUS_UP] != 3 || s.Quorum != (Quorum{3, 3, 2}) || s.CutOff {
		t.Errorf("status %v, nodes %v, quorum %+v", s.Status, s.Nodes, s.Quorum)
	}
	if s.Protocol.Probes == 0 || s.Protocol.Acks == 0 || s.Protocol.Alive != 3 || s.Protocol.MessagesIn[swim.KindPing] == 0 {
		t.Errorf("the protocol counted %+v", s.Protocol)
	}
	if s.Store.Keys != 1 || s.Store.Changes != 1 || s.Store.Records != 1 {
		t.Errorf("the store counted %+v", s.Store)
	}
	if s.Packets.PacketsIn == 0 || s.Packets.PacketBytesOut == 0 || s.PushPulls.BytesIn == 0 || s.PushPulls.BytesOut == 0 {
		t.Errorf("sockets and streams counted %+v, %+v", s.Packets, s.PushPulls)
	}
	if done := s.Streams.Incoming.Done + s.Streams.Outgoing.Done; done == 0 || s.Streams.BytesIn == 0 {
		t.Errorf("the pool of streams counted %+v", s.Streams)
	}
	if err := n.Stop(0); err != nil {
		t.Fatal(err)
	}
	after := n.Stats()
	if after.Phase != PhaseStopped || after.Protocol.Probes < s.Protocol.Probes || after.Packets.PacketsIn < s.Packets.PacketsIn ||
		after.Streams.BytesIn < s.Streams.BytesIn || after.RoundTrips.Count < s.RoundTrips.Count {
		t.Errorf("after Stop counters are gone: %+v", after)
	}
}

func TestAHistogramCountsUpToItsBounds(t *testing.T) {
	var h histogram
	bounds := []time.Duration{10, 20, 30}
	for _, d := range []time.Duration{0, 10, 11, 20, 31, 1000} {
		h.add(bounds, d)
	}
	got := h.snapshot(bounds)
	if got.Count != 6 || got.Sum != 1072 || len(got.Buckets) != 3 {
		t.Errorf("got %+v", got)
	}
	for i, want := range []Bucket{{10, 2}, {20, 4}, {30, 4}} {
		if got.Buckets[i] != want {
			t.Errorf("bucket %d is %+v, want %+v", i, got.Buckets[i], want)
		}
	}
	for _, bounds := range [][maxBounds]time.Duration{roundTripBounds, pushPullBounds} {
		for i := 1; i < len(bounds); i++ {
			if bounds[i] <= bounds[i-1] {
				t.Errorf("bound %v follows %v", bounds[i], bounds[i-1])
			}
		}
	}
}

func TestMembersSayWhatTheDetectorHolds(t *testing.T) {
	t.Parallel()
	nodes := cluster(t, 3)
	n := nodes[0]
	n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"n2": {QuorumMember: true}})
	eventually(t, func() bool { return member(n, "n2").RTT > 0 && member(n, "n3").RTT > 0 }, "round trips are measured")
	members := n.Members()
	if len(members) != 3 || members[0].Node != "n1" || members[2].Node != "n3" {
		t.Fatalf("the members are %+v", members)
	}
	for i, m := range members {
		if m.State != MemberAlive || m.Addr.String() != nodes[i].Addr() || m.Incarnation == 0 ||
			!lacks("lives") && (m.Generation != 1 || m.Boot == 0) {
			t.Errorf("member %d is %+v", i, m)
		}
		if m.Self != (i == 0) || m.Known != (i < 2) || m.LastHeard.IsZero() != (i == 0) || time.Since(m.Since) > patience {
			t.Errorf("member %d is %+v", i, m)
		}
	}
	if members[1].Status != types.NODE_STATUS_UP || members[2].Status != types.NODE_STATUS_INVALID {
		t.Errorf("statuses are %v and %v", members[1].Status, members[2].Status)
	}
	if err := nodes[2].Stop(5 * time.Second); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() bool { return member(n, "n3").State == MemberGone && len(n.GetNodes()) == 2 }, "who left is remembered")
}

func TestRubbishIsCountedAndHarmless(t *testing.T) {
	needs(t, "frames that say whose they are")
	t.Parallel()
	nodes := cluster(t, 2)
	n := nodes[0]
	conn, err := net.Dial("udp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, b := range [][]byte{{}, {0}, {0xff}, {0xce, 1, 2, 3, 4}, {0xce, 1, 2, 3, 4, 5}, []byte("GET / HTTP/1.1\r\n"), make([]byte, 60000), make([]byte, 60000)} { // the first long one is lost
		if _, err := conn.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	// A header of this cluster with rubbish behind it.
	header := make([]byte, 0, 64)
	stolen := steal(t, nodes[1])
	if _, err := conn.Write(append(append(header, stolen[:5]...), 0xc1, 0xc1)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		b    []byte
	}{
		{"another protocol", []byte("GET / HTTP/1.1\r\n\r\n")},
		{"a frame that is no message", []byte{transport.FrameByte, 0, 0, 0, 1, 0xc1}},
		{"an oversized frame", []byte{transport.FrameByte, 0xff, 0xff, 0xff, 0xff}},
		{"half a frame", []byte{transport.FrameByte, 0, 0, 1, 0, 7}},
	} {
		s, err := net.Dial("tcp", n.Addr())
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if _, err := s.Write(c.b); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.name == "half a frame" {
			s.Close()
			continue
		}
		if err := s.SetReadDeadline(time.Now().Add(patience)); err != nil {
			t.Fatal(err)
		}
		if n, err := s.Read(make([]byte, 1)); n > 0 || err == nil {
			t.Errorf("%s was answered", c.name)
		}
		s.Close()
	}
	eventually(t, func() bool {
		s := n.Stats()
		d := s.Protocol.Drops
		return d[swim.DropMalformed] >= 4 && d[swim.DropVersion] >= 2 && d[swim.DropCluster] >= 1 && s.Streams.Incoming.Failed >= 4
	}, "rubbish is counted: %+v", n.Stats().Protocol.Drops)
	n.UpdateSelf("k", "v")
	eventually(t, func() bool { return Values[string](nodes[1], "k")["n1"] == "v" }, "nothing is lost")
	allUp(t, nodes...)
}

// steal returns a packet that n sends: it asks n to join a listener that keeps
// quiet, and pings it.
func steal(t *testing.T, n *Node) []byte {
	t.Helper()
	sock, err := transport.Listen(within(t), transport.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	outcome := make(chan error, 1)
	go func() {
		_, err := n.Ping("nobody", sock.LocalAddr().String())
		outcome <- err
	}()
	b := make([]byte, transport.PacketBuffer)
	size, _, err := sock.ReadPacket(b)
	if err != nil {
		t.Fatal(err)
	}
	if err := <-outcome; !errors.Is(err, ErrNoAnswer) {
		t.Errorf("Ping returned %v", err)
	}
	return b[:size]
}

// A node holds a small buffer until somebody sends more than fits. On memberlist's wire
// others may send any length at any time, so there is room for it from the beginning.
func TestALongPacketIsReadAndTheFirstOnNektonsWireIsLost(t *testing.T) {
	t.Parallel()
	for version, steps := range map[string][]transport.Stats{
		types.GOSSIP_VERSION_2:       {{PacketsTruncated: 1}, {PacketsTruncated: 1, PacketsIn: 1}},
		types.DEFAULT_GOSSIP_VERSION: {{PacketsIn: 1}, {PacketsIn: 2}},
	} {
		t.Run(version, func(t *testing.T) { sendLongPackets(t, version, steps) })
	}
}

func sendLongPackets(t *testing.T, version string, steps []transport.Stats) {
	s := newSite(t)
	s.version = version
	n := s.node("n", "")
	s.start(n)
	sock, err := transport.Listen(within(t), transport.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer sock.Close()
	long := make([]byte, 3*firstBuffer)
	to := netip.MustParseAddrPort(n.Addr())
	for i, want := range steps {
		if err := sock.WritePacket(long, to); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() bool {
			got := n.Stats().Packets
			return got.PacketsTruncated == want.PacketsTruncated && got.PacketsIn == want.PacketsIn
		}, "after %d long packets: %+v", i+1, want)
	}
}

func TestStreamsBeyondTheLimitAreClosedAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	n := s.node("n", "", WithLimits(Limits{Streams: 2}))
	s.start(n)
	var conns []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", n.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conns = append(conns, conn)
	}
	eventually(t, func() bool { return n.Stats().Streams.Incoming.Open == 2 }, "two streams are served")
	third, err := net.Dial("tcp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer third.Close()
	eventually(t, func() bool { return n.Stats().Streams.Rejected == 1 }, "the third is rejected")
	for _, c := range conns {
		c.Close()
	}
	eventually(t, func() bool { return n.Stats().Streams.Incoming.Open == 0 }, "the slots are free again")
	peer := s.node("peer", "")
	s.start(peer, n)
}
