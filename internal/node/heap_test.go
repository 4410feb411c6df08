package node_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// liveHeap collects garbage and measures the rest: bytes and objects.
func liveHeap() (bytes, objects float64) {
	runtime.GC()
	runtime.GC() // what the first one has only swept now counts
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc), float64(s.HeapObjects)
}

// crowdBoot is when all of them booted; the clock reads a second more.
const crowdBoot = 1_700_000_000_000

// crowd is one node whose peers are claims.
type crowd struct {
	*node.Node
	codec *wirev2.Codec
	now   time.Duration
	wall  time.Time
	batch swim.Batch
	evs   []node.Event
}

func crowdName(i int) types.NodeId { return types.NodeId(fmt.Sprintf("node%06d", i)) }

func crowdAddr(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)}), 7946)
}

// crowdClaim says that a member is alive.
func crowdClaim(i int) swim.Message {
	return swim.Message{
		Kind: swim.KindAlive, Name: []byte(crowdName(i)), Addr: crowdAddr(i),
		Stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: crowdBoot}, Incarnation: 1},
	}
}

func newCrowd(t testing.TB) *crowd { return newCrowdNamed(t, "self") }

func newCrowdNamed(t testing.TB, id types.NodeId) *crowd { return newCrowdOf(t, id, nil) }

// newCrowdOf makes one whose records are shared.
func newCrowdOf(t testing.TB, id types.NodeId, records *swim.Records) *crowd {
	codec, err := wirev2.New("c", "v2")
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{codec: codec, now: time.Hour, wall: time.UnixMilli(crowdBoot + 1000)}
	c.Node, err = node.New(node.Config{ID: id, Generation: 1, ClusterID: "c", Version: "v2", Intervals: pace(),
		Swim: swim.Config{Records: records}}, c.now, c.wall)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(node.StartConfig{}); err != nil {
		t.Fatal(err)
	}
	err = c.Open(c.now, node.Opening{
		Addr: netip.MustParseAddrPort("10.9.9.9:7946"), Codec: codec, Rand: rand.New(rand.NewPCG(1, 1)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *crowd) hear(from netip.AddrPort, msgs ...swim.Message) {
	b := c.codec.BeginPacket(nil)
	for i := range msgs {
		b = c.codec.AppendMessage(b, &msgs[i])
	}
	c.HandlePacket(c.now, from, b)
	c.TakePackets(&c.batch)
	c.TakeEvents(&c.evs)
}

// meet introduces n members, 20 in a packet, and lets the news about them be told.
func (c *crowd) meet(n int) {
	for first := 0; first < n; first += 20 {
		var msgs []swim.Message
		for i := first; i < min(first+20, n); i++ {
			msgs = append(msgs, crowdClaim(i))
		}
		c.hear(crowdAddr(0), msgs...)
	}
	for c.Stats().Swim.QueuedClaims > 0 {
		for range 1000 {
			c.hear(crowdAddr(0), swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte(c.ID())})
		}
	}
	c.batch, c.evs = swim.Batch{}, nil
}

// BenchmarkHeapPerMember is what a node keeps for each member, with a name of ten
// bytes and an IPv4 address, that publishes nothing: those that are members only, and
// those that UpdateCluster made known too, whose ids and addresses are the caller's
// and not in it.
func BenchmarkHeapPerMember(b *testing.B) {
	for _, n := range []int{1000, 10_000, 50_000} {
		for _, known := range []bool{false, true} {
			b.Run(fmt.Sprintf("members=%d/known=%v", n, known), func(b *testing.B) {
				for b.Loop() {
					peers := map[types.NodeId]types.NodeUpdate{}
					for i := range n {
						peers[crowdName(i)] = types.NodeUpdate{Addr: crowdAddr(i).String(), QuorumMember: true, ClusterDomain: "d"}
					}
					before, _ := liveHeap()
					c := newCrowd(b)
					alone, objects := liveHeap()
					if known {
						c.UpdateCluster(c.now, peers)
					}
					c.meet(n)
					after, left := liveHeap()
					b.ReportMetric(alone-before, "B/alone")
					b.ReportMetric((after-alone)/float64(n), "B/member")
					b.ReportMetric((left-objects)/float64(n), "objects/member")
					if got := c.Stats().Swim.Alive; got != n+1 {
						b.Fatalf("%d members are alive, want %d", got, n+1)
					}
					runtime.KeepAlive(peers)
				}
			})
		}
	}
}

// BenchmarkHeapOfASimulation is what each node of a simulation keeps for each member:
// many nodes that share their records, at rest. 10,000 nodes of 10,000 members have
// 100 million of these.
func BenchmarkHeapOfASimulation(b *testing.B) {
	const nodes, n = 20, 10_000
	records := swim.NewRecords()
	seed := newCrowdOf(b, "seed", records)
	seed.meet(n)
	for b.Loop() {
		before, was := liveHeap()
		all := make([]*crowd, nodes)
		for i := range all {
			all[i] = newCrowdOf(b, types.NodeId(fmt.Sprint("joiner", i)), records)
			all[i].exchange(b, seed)
			all[i].batch, all[i].evs = swim.Batch{}, nil
		}
		after, is := liveHeap()
		b.ReportMetric((after-before)/nodes/n, "B/member")
		b.ReportMetric((is-was)/nodes/n, "objects/member")
		if got := all[nodes-1].Stats().Swim.Alive; got < n {
			b.Fatalf("%d members are alive", got)
		}
	}
}
