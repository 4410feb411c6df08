package quorum

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/types"
)

// A peer of a large cluster fails and returns: two status changes, two events and
// two decisions of the provider. It leaves out the siblings' check.
func BenchmarkPeerLostAndFound(b *testing.B) {
	for _, size := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", size), func(b *testing.B) {
			m := New("n0", "")
			if err := m.Start(StartConfig{QuorumTimeout: second}); err != nil {
				b.Fatal(err)
			}
			peers := make(map[types.NodeId]types.NodeUpdate, size)
			for i := range size {
				peers[types.NodeId(fmt.Sprintf("n%d", i))] = types.NodeUpdate{QuorumMember: true}
			}
			m.UpdateCluster(0, peers)
			for id := range peers {
				m.HandlePeerAlive(0, id)
			}
			m.TakeChanges()
			b.ReportAllocs()
			for b.Loop() {
				m.HandlePeerLeft(0, "n1")
				m.HandlePeerAlive(0, "n1")
				if len(m.TakeChanges()) != 2 {
					b.Fatal("the peer did not change twice")
				}
			}
		})
	}
}

// A peer of a large failure domain fails and one sibling answers: the list of
// siblings is as long as the domain, and this is what it costs.
func BenchmarkSiblingsAsked(b *testing.B) {
	for _, size := range []int{10, 1_000} {
		b.Run(fmt.Sprintf("domain=%d", size), func(b *testing.B) {
			m := New("a", "east")
			if err := m.Start(StartConfig{
				Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS, ActiveMap: domains("east", "west"), QuorumTimeout: second,
			}); err != nil {
				b.Fatal(err)
			}
			peers := map[types.NodeId]types.NodeUpdate{"a": {ClusterDomain: "east"}}
			for i := range size {
				peers[types.NodeId(fmt.Sprintf("n%d", i))] = types.NodeUpdate{QuorumMember: true, ClusterDomain: "west"}
			}
			m.UpdateCluster(0, peers)
			b.ReportAllocs()
			for b.Loop() {
				m.HandlePeerAlive(0, "n1")
				m.HandlePeerLeft(0, "n1")
				c := m.TakeChecks()[0]
				m.HandleSiblingAnswer(0, c.ID, c.Siblings[0], true)
				if len(m.TakeChanges()) == 0 {
					b.Fatal("nothing changed")
				}
			}
		})
	}
}
