package scenario

import (
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// A metric is a number that can be shown and compared.
type metric struct {
	value func() float64
	among func(in func(*sim.Node) bool) float64 // among some nodes only; nil: makes no sense
	time  bool                                  // in seconds
}

// print writes a value as it is read.
func (m *metric) print(v float64) string {
	if m.time {
		return time.Duration(v * float64(time.Second)).Round(time.Millisecond).String()
	}
	if v == float64(int64(v)) {
		return strconv.FormatInt(int64(v), 10)
	}
	return strconv.FormatFloat(v, 'f', 2, 64)
}

func (m *metric) parse(text string) (float64, error) {
	if m.time {
		d, err := time.ParseDuration(text)
		return d.Seconds(), err
	}
	if n, err := parseCount(text); err == nil {
		return float64(n), nil
	}
	return strconv.ParseFloat(text, 64)
}

// peaks are the highest values since the mark.
type peaks struct {
	on     bool
	queue  int // news that waits at one node
	health int
}

// looking is how often peaks are looked for.
const looking = 100 * time.Millisecond

// watchPeaks begins to look for peaks, once somebody asks for them.
func (s *stage) watchPeaks() {
	if s.peak.on {
		return
	}
	s.peak.on = true
	s.c.Every(looking, func() bool { s.lookForPeaks(); return true })
}

func (s *stage) lookForPeaks() {
	for _, n := range s.c.Nodes() {
		if !n.Up() {
			continue
		}
		s.peak.queue = max(s.peak.queue, n.Core().Queued())
		s.peak.health = max(s.peak.health, n.Core().Health())
	}
}

// mark begins to count from now on.
func (s *stage) mark() {
	s.meter.Reset()
	s.marked = s.c.Now()
	s.traffic = s.c.Traffic()
	s.peak.queue, s.peak.health = 0, 0
}

func (s *stage) markNow(*command) error {
	s.mark()
	s.watchPeaks()
	return nil
}

// metric is the number of a name, or NODE.COUNTER.
func (s *stage) metric(name string) (*metric, error) {
	if who, key, ok := strings.Cut(name, "."); ok {
		return s.nodeMetric(who, key)
	}
	events := func(kind swim.EventKind) *metric {
		return &metric{value: func() float64 { return float64(s.meter.Counts[kind]) }}
	}
	among := func(f func(in func(*sim.Node) bool) float64) *metric {
		return &metric{value: func() float64 { return f(func(*sim.Node) bool { return true }) }, among: f}
	}
	number := func(f func() int) *metric { return &metric{value: func() float64 { return float64(f()) }} }
	perNode := func(f func() uint64) *metric {
		return &metric{value: func() float64 {
			return float64(f()) / (s.c.Now() - s.marked).Seconds() / float64(max(1, len(s.c.Up())))
		}}
	}
	if strings.HasSuffix(name, "-peak") && !s.peak.on {
		return nil, fmt.Errorf("%s is watched from a mark on; there was none", name)
	}
	all := map[string]*metric{
		"took":         {value: func() float64 { return s.took.Seconds() }, time: true},
		"time":         {value: func() float64 { return (s.c.Now() - s.start).Seconds() }, time: true},
		"false-deaths": among(s.falseDeaths),
		"suspicions":   events(swim.EventSuspected), "deaths": events(swim.EventFailed), "joins": events(swim.EventJoined),
		"departures": events(swim.EventLeft), "conflicts": events(swim.EventConflict), "refusals": events(swim.EventRefused),
		"refutations":   events(swim.EventSelfRefuted),
		"up":            number(func() int { return len(s.c.Up()) }),
		"views":         number(func() int { return len(s.c.Views()) }),
		"largest-table": number(s.largestTable),
		"packets/s":     perNode(func() uint64 { return s.c.Traffic().PacketsOut - s.traffic.PacketsOut }),
		"bytes/s": perNode(func() uint64 {
			t := s.c.Traffic()
			return t.BytesOut + t.StreamBytesOut - s.traffic.BytesOut - s.traffic.StreamBytesOut
		}),
		"stream-bytes/s": perNode(func() uint64 { return s.c.Traffic().StreamBytesOut - s.traffic.StreamBytesOut }),
		"streams":        number(func() int { return int(s.c.Traffic().StreamsOpened - s.traffic.StreamsOpened) }),
		"queue-peak":     number(func() int { return s.peak.queue }),
		"health-peak":    number(func() int { return s.peak.health }),
		"in-quorum":      number(s.inQuorum),
		"ghosts":         among(s.ghosts), "missing": among(s.missing),
	}
	if m := all[name]; m != nil {
		return m, nil
	}
	var known []string
	for k := range all {
		known = append(known, k)
	}
	sort.Strings(known)
	return nil, fmt.Errorf("no metric %q; there are %s, and NODE.COUNTER", name, strings.Join(known, ", "))
}

// falseDeaths are failures of nodes that ran, declared by others that did, all of them
// among some nodes.
func (s *stage) falseDeaths(in func(*sim.Node) bool) float64 {
	n := 0
	for _, f := range s.meter.Failures {
		if f.SubjectUp && !f.SubjectFrozen && !f.ObserverFrozen && in(f.Observer) && in(f.Subject) {
			n++
		}
	}
	return float64(n)
}

// ghosts are how many times nodes that are not up are listed by those that are.
func (s *stage) ghosts(in func(*sim.Node) bool) float64 {
	n := 0
	for _, gone := range s.c.Nodes() {
		if gone.Up() || !in(gone) {
			continue
		}
		for _, o := range s.c.Up() {
			if o.Lists(gone.ID()) && s.c.Holder(gone.ID()) == gone {
				n++
			}
		}
	}
	return float64(n)
}

// missing are how many times nodes that are up are not listed by others that are.
func (s *stage) missing(in func(*sim.Node) bool) float64 {
	n := 0
	up := s.c.Up()
	for _, there := range up {
		if !in(there) {
			continue
		}
		for _, o := range up {
			if !o.Lists(there.ID()) {
				n++
			}
		}
	}
	return float64(n)
}

func (s *stage) largestTable() int {
	most := 0
	for _, n := range s.c.Up() {
		rows := 0
		for range n.Core().Members() {
			rows++
		}
		most = max(most, rows)
	}
	return most
}

func (s *stage) inQuorum() int {
	n := 0
	for _, u := range s.c.Up() {
		if u.Core().SelfStatus() == types.NODE_STATUS_UP {
			n++
		}
	}
	return n
}

// nodeMetric is a counter of one node, since its process began.
func (s *stage) nodeMetric(who, key string) (*metric, error) {
	n, err := s.chooseOne(who)
	if err != nil {
		return nil, err
	}
	if key == "leave-took" {
		return &metric{value: func() float64 { return n.LeaveTook().Seconds() }, time: true}, nil
	}
	if _, ok := counters(n)[key]; !ok {
		var known []string
		for k := range counters(n) {
			known = append(known, k)
		}
		slices.Sort(known)
		return nil, fmt.Errorf("no counter %q; there are %s", key, strings.Join(known, ", "))
	}
	return &metric{value: func() float64 { return float64(counters(n)[key]) }}, nil
}

// counters are what a node counts about itself.
func counters(n *sim.Node) map[string]uint64 {
	st := n.Core().Stats().Swim
	self, _ := n.Core().Member(n.ID())
	return map[string]uint64{
		// Milliseconds since the simulated world began.
		"boot":   uint64(self.Stamp.Boot) - uint64(virtual.Epoch().UnixMilli()),
		"health": uint64(st.Health), "confirmations": st.Confirmations, "boot-ahead": st.Drops[swim.DropBootAhead],
		"relay-refused": st.Drops[swim.DropRelayRefused], "pings": st.MessagesOut[swim.KindPing],
		"probe-failures": st.ProbeFailures, "exchanges": st.Exchanges, "conflicts": st.Conflicts,
		"suspicions": st.Suspicions, "deaths": st.Deaths, "heals": st.HealAttempts, "refutations": st.Refutations,
		"incarnation": uint64(self.Stamp.Incarnation), "drops-cluster": st.Drops[swim.DropCluster], "sent": st.PacketsOut,
		"received": st.PacketsIn, "stalls": st.Stalls, "cut-offs": st.CutOffs, "queued": uint64(st.QueuedClaims + st.QueuedRumours),
		"alive": uint64(st.Alive), "suspect": uint64(st.Suspect), "dead": uint64(st.Dead), "left": uint64(st.Left),
		"refusals": st.RefusalsSent, "refused": st.RefusalsReceived,
	}
}
