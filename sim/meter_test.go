package sim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

func TestTheMeterTellsWhenACrashWasFoundAndByWhom(t *testing.T) {
	c := form(t, sim.Config{Seed: 5}, 32)
	m := sim.NewMeter(c)
	victim, at := c.Node("n9"), c.Now()
	victim.Crash()
	until(t, c, time.Minute, "nobody lists it", c.Agreed)
	d := m.Detection(victim, at, c.Up())
	if d.Missing != 0 || d.First <= 0 || d.All < d.First {
		t.Fatalf("detection %+v", d)
	}
	// No verdict comes before the shortest suspicion, and the first probe takes a while.
	shortest := swim.SuspicionTimeout(4, 6, 32, time.Second, 0, 0)
	if d.First < shortest || d.First > shortest+6*time.Second {
		t.Errorf("first detection after %v, the shortest suspicion is %v", d.First, shortest)
	}
	if m.False != 0 || len(m.Failures) != 31 {
		t.Errorf("%d failures, %d of them false; want 31 and none", len(m.Failures), m.False)
	}
}

func TestTheMeterFollowsAnUpdateToTheLastNode(t *testing.T) {
	c := form(t, sim.Config{Seed: 6}, 32)
	m := sim.NewMeter(c)
	one, err := m.Publish(c.Node("n3"), "a", []byte("1"))
	if err != nil {
		t.Fatal(err)
	}
	two, err := m.Publish(c.Node("n3"), "b", []byte("2"))
	if err != nil {
		t.Fatal(err)
	}
	until(t, c, 5*time.Second, "all have both", func() bool { return one.Done() && two.Done() })
	for _, s := range []*sim.Spread{one, two} {
		times := s.Times()
		if s.Asked != 31 || len(times) != 31 || times[30] != s.Last() || s.Last() <= 0 {
			t.Errorf("asked %d, times %v, last %v", s.Asked, times, s.Last())
		}
	}
}

func TestAFailureOfALiveNodeIsCountedAsFalse(t *testing.T) {
	c := form(t, sim.Config{Seed: 7}, 8)
	m := sim.NewMeter(c)
	n := c.Node("n2")
	c.Isolate(hosts(n)) // it hears all, and nobody hears it
	until(t, c, time.Minute, "somebody declares it failed", func() bool { return m.False > 0 })
	if m.Doubted == 0 || m.Doubted > m.Counts[swim.EventSuspected] {
		t.Errorf("%d of %d suspicions were of nodes that were well", m.Doubted, m.Counts[swim.EventSuspected])
	}
	if m.Failures[0].Subject != n || !m.Failures[0].SubjectUp || m.Failures[0].SubjectFrozen {
		t.Errorf("%+v", m.Failures[0])
	}
}

func TestSamplesAddUpToTheTraffic(t *testing.T) {
	c := form(t, sim.Config{Seed: 8, Quorum: true}, 16)
	m := sim.NewMeter(c)
	before := c.Traffic()
	stop := m.Sample(time.Second)
	c.Run(20 * time.Second)
	stop()
	if len(m.Samples) != 20 {
		t.Fatalf("%d samples", len(m.Samples))
	}
	packets := 0.0
	for _, s := range m.Samples {
		packets += s.Packets.Mean * float64(s.Packets.N)
		if s.Up != 16 || s.Views != 1 || s.Listed.Min != 16 || s.InQuorum != 16 {
			t.Errorf("%+v", s)
		}
	}
	if sent := c.Traffic().PacketsOut - before.PacketsOut; uint64(packets+0.5) != sent || sent == 0 {
		t.Errorf("samples say %v packets, the hosts sent %d", packets, sent)
	}
}

func TestQuantilesAreNearestRank(t *testing.T) {
	for _, tt := range []struct {
		values []int
		q      float64
		want   int
	}{
		{nil, 0.5, 0}, {[]int{7}, 0.99, 7}, {[]int{1, 2, 3, 4}, 0.5, 2}, {[]int{1, 2, 3, 4}, 0.51, 3},
		{[]int{1, 2, 3, 4}, 0, 1}, {[]int{1, 2, 3, 4}, 1, 4},
	} {
		if got := sim.Quantile(tt.values, tt.q); got != tt.want {
			t.Errorf("Quantile(%v, %v) = %d, want %d", tt.values, tt.q, got, tt.want)
		}
	}
}
