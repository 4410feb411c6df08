package nekton

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

// sane are intervals at which a machine that is busy must not make members suspect
// each other to death.
func sane() types.GossipIntervals {
	return types.GossipIntervals{
		GossipInterval: 200 * time.Millisecond, PushPullInterval: 5 * time.Second, ProbeInterval: time.Second,
		ProbeTimeout: 500 * time.Millisecond, QuorumTimeout: time.Minute, SuspicionMult: types.DEFAULT_SUSPICION_MULTIPLIER,
	}
}

// A cluster on one machine converges, and for some time nobody is called dead who
// is alive.
func TestManyNodesStayFreeOfFalseDeaths(t *testing.T) {
	t.Parallel()
	t.Run("32 nodes for 10 s", func(t *testing.T) { t.Parallel(); staysWhole(t, 32, 10*time.Second) })
	t.Run("200 nodes for a minute", func(t *testing.T) {
		if os.Getenv("NEKTON_LONG") == "" {
			t.Skip("set NEKTON_LONG=1 to run it")
		}
		staysWhole(t, 200, time.Minute)
	})
}

func staysWhole(t *testing.T, size int, d time.Duration) {
	s := newSite(t)
	s.intervals = sane()
	first := s.node("n0", "")
	s.start(first)
	var wg sync.WaitGroup
	for i := range size - 1 {
		n := s.node(types.NodeId(fmt.Sprintf("n%d", i+1)), "")
		wg.Go(func() {
			if err := n.Start(s.config(first)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	began := time.Now()
	eventually(t, func() bool {
		for _, n := range s.nodes {
			if len(n.GetNodes()) != size {
				return false
			}
		}
		return true
	}, "%d nodes converge", size)
	t.Logf("%d nodes converged %v after the last had joined", size, time.Since(began).Round(time.Millisecond))
	list(s.nodes...)
	for i, n := range s.nodes {
		n.UpdateSelf("index", i)
	}
	deaths := func() (total uint64) {
		for _, n := range s.nodes {
			total += n.Stats().Protocol.Deaths
		}
		return total
	}
	end := time.After(d)
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for open := true; open; {
		select {
		case <-tick.C:
			if got := deaths(); got > 0 {
				t.Fatalf("%d false deaths", got)
			}
		case <-end:
			open = false
		}
	}
	for _, n := range s.nodes {
		if got := n.GetSelfStatus(); got != types.NODE_STATUS_UP {
			t.Errorf("%s is %v", n.NodeId(), got)
		}
		if got := len(Values[int](n, "index")); got != size {
			t.Errorf("%s sees %d of %d values", n.NodeId(), got, size)
		}
	}
}
