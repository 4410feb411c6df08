package interop

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/memberlist"
	"go.uber.org/goleak"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// TestMain fails the package when a test leaves a goroutine behind. The one of
// memberlist's that reads the broadcasts of a departure ends by itself.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The version and cluster of all nodes, unless a test says otherwise.
const (
	version = "v1"
	cluster = "c"
)

// A member is one of a cluster's, of either library.
type member interface {
	// Name is its name on the wire.
	Name() string
	Addr() netip.AddrPort
	// Join joins it to the cluster of others.
	Join(seeds ...netip.AddrPort) error
	// Leave says goodbye, and stops it.
	Leave() error
	// Kill stops it without a word.
	Kill()
	// Present are the names that it holds alive or suspect, in order.
	Present() []string
	// Gone is when it was first told that a name had failed or left, zero if never.
	Gone(name string) time.Time
	// Accusations are what it has said against others, and heard against itself.
	Accusations() []string
	// Log is for when something went wrong.
	Log() string
}

// A world is the cluster of one test.
type world struct {
	t       *testing.T
	site    *peer.Site
	virtual bool
	pace    peer.Pace
	tune    func(*memberlist.Config) // of their members
	options []nekton.Option          // of ours
	foreign bool                     // their members say nothing of version and cluster
	keys    func() [][]byte          // of a member that comes now, the primary first; nil: in clear
	policy  seal.Policy              // of our keyrings

	rotation *rotation     // nil: keys stay
	envelope peer.Envelope // of strangers
	peers    []peer.NodeID // whom the originals are told of
	closers  []func() error

	members []member
	ours    []*ours
	theirs  []*theirs
}

// inMemory runs a test in a bubble of virtual time.
func inMemory(t *testing.T, pace peer.Pace, test func(*world)) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, site: peer.InMemory(), virtual: true, pace: pace}
		defer w.stop()
		test(w)
	})
}

// onLoopback runs a test on sockets.
func onLoopback(t *testing.T, pace peer.Pace, test func(*world)) {
	w := &world{t: t, site: peer.Loopback(), pace: pace}
	defer w.stop()
	test(w)
}

// long reports whether tests on loopback may take minutes.
func long() bool { return os.Getenv("NEKTON_LONG") == "1" }

func (w *world) stop() {
	if w.t.Failed() {
		for _, m := range w.members[:min(10, len(w.members))] {
			w.t.Logf("%s (%v) holds %v and says\n%s", m.Name(), m.Addr(), m.Present(), m.Log())
		}
	}
	for _, m := range w.members {
		m.Kill()
	}
	for _, c := range w.closers {
		_ = c()
	}
	if w.virtual {
		// What memberlist still waits for, such as the end of a probe, ends by timers,
		// and time stops with the test.
		w.rest(time.Hour)
	}
}

// theirsNamed makes a member of memberlist.
func (w *world) theirsNamed(id string) *theirs { return w.theirsAt(id, netip.AddrPort{}) }

func (w *world) theirsAt(id string, at netip.AddrPort) *theirs {
	w.t.Helper()
	m := &theirs{}
	name := id
	if !w.foreign {
		m.original = peer.NewOriginal(peer.NodeID(id), cluster, version, w.peers...)
		name = m.original.Name()
	}
	var err error
	m.Member, err = w.site.Start(name, at, w.pace, func(c *memberlist.Config) {
		if m.original != nil {
			m.original.Install(c)
		}
		if w.tune != nil {
			w.tune(c)
		}
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.theirs, w.members = append(w.theirs, m), append(w.members, m)
	return m
}

// oursNamed makes a node of nekton.
func (w *world) oursNamed(id string, more ...nekton.Option) *ours {
	return w.oursAt(id, w.site.Addr(), 1, more...)
}

func (w *world) oursAt(id string, at netip.AddrPort, generation uint64, more ...nekton.Option) *ours {
	w.t.Helper()
	options := append([]nekton.Option{nekton.WithTransport(w.site.Listen)}, w.options...)
	if w.foreign {
		options = append(options, nekton.WithForeignMembers())
	}
	var keys *seal.Keyring
	if w.keys != nil {
		err := w.enlist(func(held [][]byte) (_ keyring, err error) {
			if keys, err = seal.NewKeyring(held[0], held[1:]...); err == nil {
				err = keys.SetPolicy(w.policy)
			}
			return keys, err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		options = append(options, nekton.WithKeyring(keys))
	}
	intervals := types.GossipIntervals{
		GossipInterval: w.pace.Gossip, PushPullInterval: w.pace.PushPull, ProbeInterval: w.pace.Probe,
		ProbeTimeout: w.pace.ProbeTimeout, QuorumTimeout: w.pace.Probe, SuspicionMult: w.pace.SuspicionMult,
	}
	n := nekton.NewNode(at.String(), types.NodeId(id), generation, intervals, version, cluster, "", append(options, more...)...)
	o := &ours{world: w, keys: keys}
	o.Node = peer.Attend(n, o.follow)
	w.ours, w.members = append(w.ours, o), append(w.members, o)
	return o
}

// grow makes a cluster of both kinds and waits until everybody lists everybody. The
// kinds alternate, ours first if oursFirst; the first is the seed of all.
func (w *world) grow(each int, oursFirst bool) {
	w.t.Helper()
	for i := range 2 * each {
		var m member
		if i%2 == 0 == oursFirst {
			m = w.oursNamed(fmt.Sprintf("n%d", i/2+1))
		} else {
			m = w.theirsNamed(fmt.Sprintf("m%d", i/2+1))
		}
		w.join(m)
	}
	w.meet()
}

// join joins a member to the first one, if it is another.
func (w *world) join(m member) {
	w.t.Helper()
	var seeds []netip.AddrPort
	if first := w.members[0]; first != m {
		seeds = append(seeds, first.Addr())
	}
	if err := m.Join(seeds...); err != nil {
		w.t.Fatalf("%s does not join: %v", m.Name(), err)
	}
}

// meet waits until everybody lists everybody. Gossip misses somebody now and then, as
// memberlist's does among its own, and the push-pull that makes up for it can take
// minutes among many.
func (w *world) meet() {
	w.t.Helper()
	patience := 3 * time.Minute
	if w.virtual {
		patience = 10 * time.Minute
	}
	w.meetWithin(patience)
}

func (w *world) meetWithin(patience time.Duration) {
	w.t.Helper()
	w.eventually(patience, func() string {
		for _, m := range w.members {
			if got := m.Present(); len(got) != len(w.members) {
				return fmt.Sprintf("%s lists %d of %d: %v", m.Name(), len(got), len(w.members), got)
			}
		}
		return ""
	})
	for _, m := range w.members {
		for _, name := range m.Present() {
			if !w.has(name) {
				w.t.Errorf("%s lists a stranger: %s", m.Name(), name)
			}
		}
	}
}

func (w *world) has(name string) bool {
	for _, m := range w.members {
		if m.Name() == name {
			return true
		}
	}
	return false
}

// drop removes a member that is gone from what is expected.
func (w *world) drop(gone member) {
	for i, m := range w.members {
		if m == gone {
			w.members = append(w.members[:i:i], w.members[i+1:]...)
			return
		}
	}
}

// calm fails if anybody has been accused of anything.
func (w *world) calm() {
	w.t.Helper()
	for _, m := range w.members {
		if said := m.Accusations(); len(said) > 0 {
			w.t.Errorf("%s: %d accusations, the first: %s", m.Name(), len(said), said[0])
		}
	}
}

// rest lets time pass. On sockets it is time that passes anyway.
func (w *world) rest(d time.Duration) {
	<-time.After(d)
}

// eventually polls until what returns no complaint.
func (w *world) eventually(patience time.Duration, what func() string) {
	w.t.Helper()
	step := 10 * time.Millisecond
	if w.virtual {
		step = 50 * time.Millisecond
	}
	tick := time.NewTicker(step)
	defer tick.Stop()
	end := time.After(patience)
	for {
		complaint := what()
		if complaint == "" {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			w.t.Fatalf("after %v: %s", patience, complaint)
		}
	}
}
