package nekton

import (
	"net"
	"net/netip"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/types"
)

// announce tells a node on memberlist's wire of members with a meta.
func announce(t *testing.T, n *Node, meta []byte, names ...string) {
	t.Helper()
	codec, err := wirev1.New(wirev1.Config{Name: "teller"})
	if err != nil {
		t.Fatal(err)
	}
	var parts []int
	b := codec.BeginPacket(nil)
	for i, name := range names {
		parts = append(parts, len(b))
		b = codec.AppendMessage(b, &swim.Message{
			Kind: swim.KindAlive, Name: []byte(name), Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(1+i)),
			Stamp: swim.Stamp{Incarnation: 1}, Versions: swim.MemberlistVersions(), Meta: meta,
		})
	}
	conn, err := net.Dial("udp", n.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(codec.FinishPacket(b, 0, parts)); err != nil {
		t.Fatal(err)
	}
}

func TestMembersOfOtherProgramsAreLetInOnlyByAnOption(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version, s.intervals.ProbeInterval = types.DEFAULT_GOSSIP_VERSION, 0 // nobody finds out that they do not exist
	strict, open := s.node("strict", ""), s.node("open", "", WithForeignMembers())
	for _, n := range []*Node{strict, open} {
		s.start(n)
		n.UpdateCluster(map[types.NodeId]types.NodeUpdate{"plain": {}, "suffixed": {}})
		announce(t, n, []byte("of another program"), "plain", "suffixedv1")
	}
	awaitStatus(t, open, "plain", types.NODE_STATUS_UP)
	awaitStatus(t, open, "suffixed", types.NODE_STATUS_UP)
	eventually(t, func() bool { return strict.Stats().Protocol.Drops[swim.DropVersion] == 2 }, "both are refused, and counted")
	if got := status(strict, "plain"); got != types.NODE_STATUS_DOWN {
		t.Errorf("without the option, plain is %v", got)
	}
	// Who is listed later is UP at once, too, whatever its name ends in.
	announce(t, open, nil, "late")
	eventually(t, func() bool { return member(open, "late").State == MemberAlive }, "a member without any meta is let in")
	open.AddNode("late", types.NODE_STATUS_DOWN, false, "")
	awaitStatus(t, open, "late", types.NODE_STATUS_UP)
}
