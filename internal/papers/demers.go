package papers

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// demersTables are tables 1 to 3 of Demers et al. (PODC 1987): rumours among a thousand
// sites. Nothing of nekton takes part but the simulator's network and its chance, which
// this is a test of: the sites are machines of their own, a page long.
func demersTables() Experiment {
	return Experiment{
		Name: "demers", Source: "Demers et al. 1987, tables 1-3",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for i, m := range mongerings() {
				for _, k := range of(size, []int{1}, m.ks(), m.ks()) {
					tasks = append(tasks, Task{
						Experiment: "demers", Setup: Setup{Name: m.String()}, Point: Point{"k": float64(k)},
						Seed: seedOf(i*maxMongerK + k - 1), Runs: of(size, 10, 200, 1000),
						Run: func(seed uint64, r *Record) error { return m.run(seed, demersSites, k, r) },
					})
				}
			}
			return tasks
		},
	}
}

const (
	demersSites = 1000
	maxMongerK  = 5
)

// A mongering is one of the three variants that have a table.
type mongering int

const (
	// pushCounter: who knows the rumour sends it to one random site a cycle, and
	// loses interest after k sends in a row to sites that knew it before the cycle
	// began (table 1). The paper says neither of the two, but without either one the
	// residues are not those of the table: 0.20, 0.062, 0.020 with neither.
	pushCounter mongering = iota
	// pushBlind: after every send, whoever it was to, interest is lost with
	// probability 1/k (table 2).
	pushBlind
	// pullCounter: every site asks one random site a cycle; who was asked in k cycles
	// only by sites that knew the rumour loses interest (table 3). A cycle in which it
	// was news to somebody starts the count anew.
	pullCounter
)

func mongerings() []mongering { return []mongering{pushCounter, pushBlind, pullCounter} }

func (m mongering) String() string {
	return [...]string{"push, feedback, counter", "push, blind, coin", "pull, feedback, counter"}[m]
}

// ks are those of the table.
func (m mongering) ks() []int {
	if m == pullCounter {
		return []int{1, 2, 3}
	}
	return []int{1, 2, 3, 4, 5}
}

// cycle is the virtual time of a cycle. All of it, question and answer, happens within.
const cycle = time.Second

// onTheWay is how long a message takes.
const onTheWay = cycle / 10

// run lets one rumour spread among sites until nobody is interested any more, and notes
// the residue (the share of sites that it missed), the traffic (m, rumours sent per site)
// and the delay of a site on average and of the last one, in cycles.
func (m mongering) run(seed uint64, sites, k int, r *Record) error {
	w := virtual.New(seed)
	w.Net.Link.Delay = virtual.Constant(onTheWay)
	all := make([]*site, sites)
	addrs := make([]netip.AddrPort, sites)
	for i := range all {
		addrs[i] = netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 1)
	}
	chance := rand.New(rand.NewPCG(seed, 0x6d6f6e676572))
	for i := range all {
		all[i] = &site{how: m, k: k, others: addrs, number: i, rand: chance, learnt: -1, due: cycle}
		host, err := w.Add(addrs[i], all[i])
		if err != nil {
			return fmt.Errorf("papers: %w", err)
		}
		host.Do(func(time.Duration) {
			if i == 0 {
				all[i].learn(0)
			}
		})
	}
	w.Run(cycle / 2) // what is sent in a cycle arrives before its middle
	for interested := true; interested; {
		w.Run(cycle)
		interested = false
		for _, s := range all {
			interested = interested || s.infective
		}
	}
	missed, sent, sum, last := 0, 0, 0.0, 0.0
	for _, s := range all {
		sent += s.sent
		if s.learnt < 0 {
			missed++
			continue
		}
		sum += s.learnt
		last = max(last, s.learnt)
	}
	r.Add("residue", float64(missed)/float64(sites))
	r.Add("m", float64(sent)/float64(sites))
	r.Add("mean", sum/float64(sites-missed))
	r.Add("last", last)
	return nil
}

// A site is a [virtual.Machine] that knows one rumour or not.
type site struct {
	how    mongering
	k      int
	others []netip.AddrPort // all sites, itself included
	number int
	rand   *rand.Rand // of all sites: which of them draws next, the world decides

	infective bool
	learnt    float64 // cycle; negative: it does not know it
	useless   int     // the counter
	sent      int
	// In this cycle: how often it was asked, and whether it was news to anybody.
	asked, useful int

	due time.Duration
	out swim.Batch
}

// What sites say to each other: one byte.
const (
	tellRumour = iota + 1 // here it is
	tellKnown             // I knew it before this cycle
	tellNews              // I did not
	tellAsk               // is there anything? the next byte: whether I know the rumour
)

// learn makes it a site that knows, and is interested, from the next cycle on.
func (s *site) learn(cycles float64) {
	if s.learnt < 0 {
		s.learnt, s.infective = cycles, true
	}
}

// HandleTimeout is part of [virtual.Machine]: a cycle begins.
func (s *site) HandleTimeout(now time.Duration) {
	s.due = now + cycle
	s.endCycle()
	if s.how == pullCounter {
		known := byte(0)
		if s.learnt >= 0 {
			known = 1
		}
		s.say(s.other(), tellAsk, known)
		return
	}
	if !s.infective {
		return
	}
	s.tell(s.other())
	if s.how == pushBlind && s.rand.IntN(s.k) == 0 {
		s.infective = false
	}
}

// endCycle counts for a site that is pulled from what the last cycle was worth.
func (s *site) endCycle() {
	if s.how != pullCounter || s.asked == 0 {
		return
	}
	if s.useful > 0 {
		s.useless = 0
	} else {
		s.bore()
	}
	s.asked, s.useful = 0, 0
}

// bore counts one more waste.
func (s *site) bore() {
	if s.useless++; s.useless >= s.k {
		s.infective = false
	}
}

// SetWall is part of [virtual.Machine]: no site reads it.
func (s *site) SetWall(time.Duration, time.Time) {}

// HandlePacket is part of [virtual.Machine].
func (s *site) HandlePacket(now time.Duration, from netip.AddrPort, packet []byte) {
	switch packet[0] {
	case tellRumour:
		s.learn(float64(now / cycle))
		if s.how != pushCounter {
			return
		}
		if s.learnt < float64(now/cycle) {
			s.say(from, tellKnown)
		} else {
			s.say(from, tellNews)
		}
	case tellKnown:
		s.bore()
	case tellNews:
		s.useless = 0
	case tellAsk:
		if !s.infective {
			return
		}
		s.asked++
		s.tell(from)
		if packet[1] == 0 {
			s.useful++
		}
	}
}

func (s *site) tell(to netip.AddrPort) {
	s.sent++
	s.say(to, tellRumour)
}

func (s *site) say(to netip.AddrPort, what ...byte) { s.out.Append(to, what) }

// other is a random other site.
func (s *site) other() netip.AddrPort {
	i := s.rand.IntN(len(s.others) - 1)
	if i >= s.number {
		i++
	}
	return s.others[i]
}

// NextDeadline is part of [virtual.Machine].
func (s *site) NextDeadline() (time.Duration, bool) { return s.due, true }

// TakePackets is part of [virtual.Machine].
func (s *site) TakePackets(out *swim.Batch) bool {
	out.Reset()
	s.out, *out = *out, s.out
	return out.Len() > 0
}

// The rest of [virtual.Machine]: sites use no streams.

func (s *site) TakeDials(*[]virtual.Dial) bool { return false }

func (s *site) HandleDialError(time.Duration, virtual.Dial, error) {}

func (s *site) Begin(time.Duration, virtual.Dial) (swim.ExchangeID, []byte, error) {
	return 0, nil, errNoStreams
}

func (s *site) Accept(time.Duration, netip.AddrPort) (swim.ExchangeID, error) {
	return 0, errNoStreams
}

func (s *site) Step(time.Duration, swim.ExchangeID, []byte) ([]byte, bool, error) {
	return nil, true, errNoStreams
}

var errNoStreams = errors.New("papers: sites use no streams")

func (s *site) Abort(time.Duration, swim.ExchangeID, error) {}
