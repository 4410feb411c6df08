package node_test

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// introduction are packets that introduce n members, 20 in each.
func (c *crowd) introduction(n int) [][]byte {
	var packets [][]byte
	for first := 0; first < n; first += 20 {
		b := c.codec.BeginPacket(nil)
		for i := first; i < min(first+20, n); i++ {
			m := crowdClaim(i)
			b = c.codec.AppendMessage(b, &m)
		}
		packets = append(packets, b)
	}
	return packets
}

// BenchmarkLearnByGossip is what a node spends on members of which it has not heard,
// from packets in to events out. Telling others is not in it.
func BenchmarkLearnByGossip(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			packets := newCrowd(b).introduction(n)
			b.ReportAllocs()
			for b.Loop() {
				c := newCrowd(b)
				for _, p := range packets {
					c.HandlePacket(c.now, crowdAddr(0), p)
					c.TakePackets(&c.batch)
					c.TakeEvents(&c.evs)
				}
				if got := c.Stats().Swim.Alive; got != n+1 {
					b.Fatalf("%d members are alive, want %d", got, n+1)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/member")
		})
	}
}

// BenchmarkLearnByJoining is the first push-pull of a node that knows nobody, with
// one that knows n members: both sides, codec included.
func BenchmarkLearnByJoining(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprintf("members=%d", n), func(b *testing.B) {
			seed := newCrowd(b)
			seed.meet(n)
			b.ReportAllocs()
			for b.Loop() {
				joiner := newCrowdNamed(b, "joiner")
				joiner.exchange(b, seed)
				if got := joiner.Stats().Swim.Alive; got < n+1 {
					b.Fatalf("%d members are alive, want %d", got, n+1)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/member")
		})
	}
}

// exchange is a whole push-pull that c opens to join.
func (c *crowd) exchange(t testing.TB, seed *crowd) {
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	id, frame, err := c.Begin(c.now, swim.Dial{Kind: swim.DialHeal, Addr: crowdAddr(0)})
	must(err)
	peer, err := seed.Accept(seed.now, crowdAddr(0))
	must(err)
	for done := false; !done; {
		var reply []byte
		reply, done, err = seed.Step(seed.now, peer, frame)
		must(err)
		if len(reply) > 0 {
			frame, _, err = c.Step(c.now, id, reply)
			must(err)
		}
	}
	for _, n := range []*crowd{c, seed} {
		n.TakePackets(&n.batch)
		n.TakeEvents(&n.evs)
	}
}
