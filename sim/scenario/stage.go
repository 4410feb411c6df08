package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/types"
)

// stage is where a story is played: one cluster.
type stage struct {
	name    string    // of the contender; empty if there is only one
	base    settings  // what holds before the story says anything
	last    []setting // what holds whatever the story says: the contender's
	set     settings  // what holds for the cluster
	options Options

	c     *sim.Cluster
	meter *sim.Meter
	codec swim.Codec
	start time.Duration // when the story's time began
	line  Line          // the command that is being played

	told    []Told
	unmet   []Unmet
	hush    bool // nothing is told: the cluster forms
	filter  filter
	packets bool // they are told, too
	places  map[netip.AddrPort]*sim.Node
	homes   map[*sim.Node]netip.AddrPort // where each was first

	cuts      []*cut
	standing  []standing
	starving  map[*sim.Node]func()
	churning  map[*sim.Node]bool
	published map[*sim.Node]int

	took    time.Duration // of the latest until
	marked  time.Duration // since when things are counted
	traffic virtual.Traffic
	peak    peaks
}

func newStage(name string, base settings, o Options) *stage {
	return &stage{
		name: name, base: base, options: o,
		places: map[netip.AddrPort]*sim.Node{}, homes: map[*sim.Node]netip.AddrPort{},
		starving: map[*sim.Node]func(){}, churning: map[*sim.Node]bool{}, published: map[*sim.Node]int{},
	}
}

// reresolve is how often the façade looks up where its seeds live.
const reresolve = 30 * time.Second

// open makes the cluster, from the settings of the command that is the first to need
// it. A cluster that is there stays.
func (s *stage) open(keys []setting) error {
	if s.c != nil {
		return nil
	}
	s.set = s.base
	for _, k := range slices.Concat(keys, s.last) {
		if err := s.set.apply(k.key, k.values, false); err != nil {
			return err
		}
	}
	if s.options.Seed != 0 {
		s.set.cluster.Seed = s.options.Seed
	}
	s.set.own = false
	// Who the cluster is, is said for all of its nodes.
	if id := s.set.node.ClusterID; id != "" {
		s.set.cluster.ClusterID, s.set.node.ClusterID = id, ""
	}
	if version := s.set.node.Version; version != "" {
		s.set.cluster.Version, s.set.node.Version = version, ""
	}
	c, err := sim.New(s.set.config())
	if err != nil {
		return err
	}
	if s.set.node.Wire == sim.Memberlist {
		s.codec, err = wirev1.New(wirev1.Config{Name: "stage", Addr: address(1)})
	} else {
		s.codec, err = wirev2.New(c.Config().ClusterID, c.Config().Version)
	}
	if err != nil {
		return err
	}
	s.c = c
	s.meter = sim.NewMeter(c)
	c.Watch(s)
	c.OnPacket, c.OnStream = s.packet, s.stream
	c.Every(reresolve, func() bool { c.Resolve(); return true })
	s.filter = filter{}
	return nil
}

// add makes a node.
func (s *stage) add(name string, cfg sim.NodeConfig) (*sim.Node, error) {
	n, err := s.c.Add(types.NodeId(name), cfg)
	if err != nil {
		return nil, err
	}
	s.homes[n] = n.Addr()
	s.places[n.Addr()] = n
	return n, nil
}

// restless is how much virtual time passes between two looks at what the user wants.
const restless = time.Second

// pass lets time pass.
func (s *stage) pass(d time.Duration) error {
	for end := s.c.Now() + d; s.c.Now() < end; {
		s.c.Run(min(restless, end-s.c.Now()))
		if err := s.progress(end - s.c.Now()); err != nil {
			return err
		}
	}
	return nil
}

// passUntil lets time pass until cond holds, but not longer than limit.
func (s *stage) passUntil(limit time.Duration, cond func() bool) (took time.Duration, ok bool, err error) {
	start := s.c.Now()
	looked := start
	_, ok = s.c.Until(limit, func() bool {
		if s.c.Now()-looked >= restless {
			looked = s.c.Now()
			err = s.progress(limit - (looked - start))
		}
		return err != nil || cond()
	})
	return s.c.Now() - start, ok, err
}

func (s *stage) progress(left time.Duration) error {
	if s.options.Progress != nil && !s.options.Progress(Progress{s.name, s.line, s.c.Now() - s.start, left}) {
		return ErrInterrupted
	}
	return nil
}

// formed is how long a cluster may take to form, and how long it then rests, so that
// the news of its forming is spread.
const (
	formed = 2 * time.Minute
	rested = 3 * time.Second
)

// form starts nodes out of sight, joined through the first node of the cluster. The
// story's time begins when they all know each other.
func (s *stage) form(nodes []*sim.Node) error {
	s.c.UpdateCluster()
	s.hush = true
	defer func() { s.hush = false }()
	for _, n := range nodes {
		if err := s.begin(n, s.c.Nodes()[:1]); err != nil {
			return err
		}
	}
	_, ok, err := s.passUntil(formed, s.c.Agreed)
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("the cluster has not formed after %v: %s", formed, s.disagreement())
	}
	if err := s.pass(rested); err != nil {
		return err
	}
	if s.start == 0 {
		s.start = s.c.Now()
	}
	s.mark()
	return nil
}

// begin starts a node.
func (s *stage) begin(n *sim.Node, seeds []*sim.Node) error {
	if err := n.Start(seeds...); err != nil {
		return err
	}
	s.moved(n)
	return nil
}

// moved: a node runs again, perhaps elsewhere. What holds for its name holds for the
// new process.
func (s *stage) moved(n *sim.Node) {
	s.places[n.Addr()] = n
	s.recut()
	for _, st := range s.standing {
		st.apply()
	}
}
