package swim_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// One test per claim of the papers, in their order, and then one per departure.
// SWIM is Das, Gupta, Motivala, DSN 2002; Lifeguard is Dadgar, Phillips, Currey,
// arXiv:1707.00788v2. The table of §4.2 has a file of its own, precedence_test.go,
// and the timeouts of Lifeguard §IV-B theirs, suspicion_test.go.

// pingsFor counts the direct probes of the periods within d, by target, while
// everybody answers.
func (s *solo) pingsFor(d time.Duration) (order []string) {
	s.t.Helper()
	for end := s.now + d; s.now < end; {
		s.advance(10 * time.Millisecond)
		for _, out := range s.sent() {
			if m, ok := out.has(swim.KindPing); ok {
				order = append(order, string(m.Name))
				s.hear(out.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
			}
		}
	}
	return order
}

// SWIM §3.1: "After every T' time units at M_i: select random M_j … and send
// ping".
func TestSWIM31EveryPeriodOneMemberIsPinged(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.PushPullInterval, cfg.NoCoordinatedProbing = swim.Off, true })
	s.meet(9)
	if got := len(s.pingsFor(90 * time.Second)); got != 90 {
		t.Errorf("%d pings in 90 periods", got)
	}
}

// SWIM §3.1: after the timeout "M_i selects k members at random and sends each a
// ping-req(M_j) message", and none of them is M_j.
func TestSWIM31AfterTheTimeoutKOthersAreAsked(t *testing.T) {
	for _, k := range []int{1, 3, 5} {
		s := newSolo(t, func(cfg *swim.Config) { cfg.IndirectProbes = k })
		s.meet(9)
		asked := map[string]bool{}
		var target string
		for s.core.Stats().IndirectProbes == 0 {
			s.advance(time.Millisecond)
		}
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPingReq); ok {
				asked[d.to.String()] = true
				target = m.Addr.String()
			}
		}
		if len(asked) != k || asked[target] {
			t.Errorf("k = %d: asked %v about %s", k, asked, target)
		}
	}
}

// SWIM §3.1: "if M_i receives an ack … directly or indirectly", at any time of the
// period, M_j is not declared failed.
func TestSWIM31AnAckByAnyWayEndsTheProbe(t *testing.T) {
	for _, way := range []string{"direct", "relayed", "stream"} {
		s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeRetries = swim.Off })
		peers := s.meet(5)
		for s.core.Stats().IndirectProbes == 0 {
			s.advance(time.Millisecond)
		}
		var seq swim.SeqNo
		var target string
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPingReq); ok {
				seq, target = m.Seq, string(m.Name)
			}
		}
		s.advance(499 * time.Millisecond)
		ack := swim.Message{Kind: swim.KindAck, Seq: seq, Seen: swim.PrintsAbsent}
		for _, p := range peers {
			if way == "direct" && p.name == target || way == "relayed" && p.name != target {
				s.hear(p.addr, ack)
				break
			}
		}
		if way == "stream" {
			id, _, err := s.core.Begin(s.now, s.dials[0])
			if err != nil {
				t.Fatal(err)
			}
			frame := s.codec.AppendFrame(nil, &swim.Frame{Kind: swim.FrameAck, Seq: seq})
			if _, _, err = s.core.Step(s.now, id, frame); err != nil {
				t.Fatal(err)
			}
			s.hear(peers[0].addr, peers[0].alive())
		}
		s.advance(2 * time.Millisecond)
		if st := s.core.Stats(); st.ProbeFailures != 0 || s.state(target) != swim.Alive {
			t.Errorf("%s: %d failures, %s is %v", way, st.ProbeFailures, target, s.state(target))
		}
	}
}

// SWIM §3.1: "at the end of the protocol period" without any ack M_j is declared
// failed; with §4.2 suspected.
func TestSWIM31TheVerdictComesAtTheEndOfThePeriod(t *testing.T) {
	s := newSolo(t, nil)
	s.meet(5)
	var start time.Duration
	for start == 0 {
		s.advance(time.Millisecond)
		for _, d := range s.sent() {
			if _, ok := d.has(swim.KindPing); ok {
				start = s.now
			}
		}
	}
	s.advance(999 * time.Millisecond)
	if got := s.core.Stats().Suspicions; got != 0 {
		t.Fatalf("%d suspicions before the end of the period", got)
	}
	s.advance(2 * time.Millisecond)
	if got := s.count(swim.EventSuspected, ""); got != 1 {
		t.Errorf("%d suspicions at the end of the period", got)
	}
}

// SWIM §3.1: the load of a member does not depend on the size of the group: two
// messages sent and two received per period.
func TestSWIM31TheLoadOfAMemberDoesNotGrowWithTheGroup(t *testing.T) {
	for _, n := range []int{4, 16, 48} {
		cl := newCluster(t, 3)
		cl.start(n, nil)
		cl.until(20*time.Second, "all see all", cl.agreed)
		cl.run(30 * time.Second)
		before := cl.packets
		cl.run(100 * time.Second)
		load := float64(cl.packets-before) / float64(n) / 100
		if load < 1.95 || load > 2.15 { // and one comparison every 30 s
			t.Errorf("n = %d: %.2f packets per member and period", n, load)
		}
	}
}

// SWIM §3.1: the expected time to the first detection is about T' e/(e−1) periods;
// with the round robin of §4.3 the mean is the same. A failed probe takes a period.
func TestSWIM31FirstDetectionTakesAConstantNumberOfPeriods(t *testing.T) {
	const trials = 40
	for _, n := range []int{8, 24} {
		var sum time.Duration
		for seed := range uint64(trials) {
			cl := newCluster(t, seed)
			cl.start(n, func(cfg *swim.Config) { cfg.Rules.VerdictAtPeriodEnd = true })
			cl.until(20*time.Second, "all see all", cl.agreed)
			cl.run(2*time.Second + time.Duration(cl.rand.IntN(1000))*time.Millisecond)
			victim := cl.nodes[fmt.Sprintf("n%d", n-1)]
			cl.crash(victim)
			sum += cl.until(60*time.Second, "somebody suspects it", func() bool {
				for _, p := range cl.up() {
					if p.saw(swim.EventSuspected, victim.name) > 0 {
						return true
					}
				}
				return false
			})
		}
		mean := sum.Seconds() / trials
		if mean < 1.2 || mean > 2.4 { // about one to the first probe, and one until its verdict
			t.Errorf("n = %d: suspected after %.2f periods on average", n, mean)
		}
	}
}

// SWIM §4.1: membership updates are piggybacked on ping and ack; no packet is sent
// for them. All know within about λ log n periods.
func TestSWIM41UpdatesSpreadOnPingsAndAcksAlone(t *testing.T) {
	const n = 16
	cl := newCluster(t, 5)
	ps := cl.start(n, func(cfg *swim.Config) { cfg.GossipInterval, cfg.PushPullInterval = swim.Off, swim.Off })
	cl.until(60*time.Second, "all see all", cl.agreed)
	cl.run(60 * time.Second)
	before := cl.packets
	cl.input(ps[3], func() {
		if err := ps[3].core.SetMeta(cl.now, []byte("new")); err != nil {
			t.Error(err)
		}
	})
	took := cl.until(30*time.Second, "all know", func() bool {
		for _, p := range ps {
			if m, _ := p.core.Member("n3"); string(m.Meta) != "new" {
				return false
			}
		}
		return true
	})
	if limit := time.Duration(3 * math.Log(n) * float64(time.Second)); took > limit {
		t.Errorf("it took %v, want at most 3 ln n = %v", took, limit)
	}
	// Packets are those of the periods: two to a period and member.
	if got, most := float64(cl.packets-before), 2*n*(took.Seconds()+1); got > most {
		t.Errorf("%v packets in %v", got, took)
	}
}

// SWIM §4.1: an update is piggybacked a bounded number of times by one member, and
// those that were sent less often are preferred: dissemination_test.go.

// SWIM §4.2: a suspect is "treated as non-faulty": probed and gossiped to.
func TestSWIM42ASuspectIsStillProbedAndGossipedTo(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.SuspicionMult = 100 })
	peers := s.meet(3)
	s.hear(peers[1].addr, peers[0].claim(swim.Suspect, "m1"))
	probed, told := 0, 0
	for range 600 {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			m, ping := d.has(swim.KindPing)
			switch {
			case ping:
				s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
				if d.to == peers[0].addr {
					probed++
				}
			case d.to == peers[0].addr:
				told++
			}
		}
	}
	if probed == 0 || told == 0 || s.state("m0") != swim.Suspect {
		t.Errorf("probed %d times, gossiped to %d times, %v", probed, told, s.state("m0"))
	}
}

// SWIM §4.2: the incarnation of M_i "can only be incremented by M_i, when it
// receives in its current incarnation information about itself being suspected".
func TestSWIM42OnlyTheMemberRaisesItsIncarnationAndOnlyWhenItMust(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(3)
	me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
	s.hear(p[0].addr, me.claim(swim.Suspect, "m0"))
	if got := s.core.Self().Incarnation; got != 2 {
		t.Fatalf("incarnation %d after a suspicion", got)
	}
	s.hear(p[1].addr, me.claim(swim.Suspect, "m1")) // of the former incarnation
	if got := s.core.Self().Incarnation; got != 2 {
		t.Errorf("incarnation %d after a suspicion that was refuted already", got)
	}
	s.hear(p[1].addr, p[2].claim(swim.Suspect, "m1"))
	if m, _ := s.core.Member("m2"); m.Stamp.Incarnation != 1 {
		t.Errorf("we hold m2 at incarnation %d", m.Stamp.Incarnation)
	}
	if s.count(swim.EventSelfRefuted, "self") != 1 {
		t.Error("one suspicion, and not one refutation")
	}
}

// SWIM §4.2: a suspicion that is not refuted within its time becomes a failure,
// which is disseminated.
func TestSWIM42AnUnrefutedSuspicionBecomesAFailure(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(3)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	s.sent()
	told := false
	for end := s.now + swim.SuspicionTimeout(4, 6, 4, time.Second, 0, 2) + time.Second; s.now < end; {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindDead); ok && string(m.Name) == "m0" {
				told = true
			}
			if m, ok := d.has(swim.KindPing); ok {
				s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq, Seen: swim.PrintsSame})
			}
		}
	}
	if s.state("m0") != swim.Dead || !told {
		t.Errorf("m0 is %v, told %v", s.state("m0"), told)
	}
}

// SWIM §4.3: members are probed in a round robin over a list that is shuffled
// after each traversal, so that two probes of a member are at most 2n−1 periods
// apart.
func TestSWIM43TwoProbesOfAMemberAreAtMostTwoRoundsApart(t *testing.T) {
	const n = 12
	s := newSolo(t, func(cfg *swim.Config) { cfg.PushPullInterval, cfg.NoCoordinatedProbing = swim.Off, true })
	s.meet(n)
	order := s.pingsFor(n * 20 * time.Second)
	last := map[string]int{}
	for i, name := range order {
		if before, ok := last[name]; ok && i-before > 2*n-1 {
			t.Errorf("%s was probed in periods %d and %d", name, before, i)
		}
		last[name] = i
	}
	same := 0
	for pass := n; pass+n <= len(order); pass += n {
		seen := map[string]bool{}
		for i := range n {
			seen[order[pass+i]] = true
			if order[pass+i] == order[pass+i-n] {
				same++
			}
		}
		if len(seen) != n {
			t.Errorf("pass %d probed %d of %d members", pass/n, len(seen), n)
		}
	}
	if same > n*20/4 { // one in n is expected
		t.Errorf("%d places of %d are as in the pass before: not shuffled", same, len(order))
	}
}

// SWIM §4.3: a newcomer is inserted "at a position that is chosen uniformly at
// random".
func TestSWIM43ANewcomerGetsARandomPlace(t *testing.T) {
	s := newSolo(t, quiet)
	const n, rounds = 10, 2000
	places := make([]int, n)
	s.meet(n - 1)
	for i := range rounds {
		p := newPeer(1000 + i)
		s.hear(p.addr, p.alive())
		for place, name := range s.core.ProbeOrder() {
			if name == p.name && place < n {
				places[place]++
			}
		}
		s.hear(p.addr, p.claim(swim.Left, ""))
		s.do(func() { s.core.Reshuffle() })
	}
	for place, got := range places {
		if got < rounds/n/2 || got > rounds/n*3/2 {
			t.Errorf("place %d: %d of %d newcomers", place, got, rounds)
		}
	}
}

// Lifeguard §IV-A: the score rises when our probes fail and when we must refute,
// and falls with each probe that succeeds; it stretches the timeouts. The rest is
// in health_test.go; nacks are in relay_test.go.
func TestLifeguardIVARefutingIsASignOfOwnSlowness(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(1)[0]
	me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
	s.hear(p.addr, me.claim(swim.Suspect, "m0"))
	if s.core.Health() != 1 {
		t.Errorf("health %d after a refutation", s.core.Health())
	}
	s.pingsFor(2 * time.Second)
	if s.core.Health() != 0 {
		t.Errorf("health %d after a probe that succeeded", s.core.Health())
	}
}

// Lifeguard §IV-B: the first K independent suspicions are gossiped on, each with
// its accuser, so that all learn how many there are.
func TestLifeguardIVBEachOfTheFirstAccusersIsPassedOn(t *testing.T) {
	s := newSolo(t, quiet)
	p := s.meet(9)
	for i := 1; i <= 7; i++ {
		s.hear(p[i].addr, p[0].claim(swim.Suspect, p[i].name))
	}
	accusers := map[string]bool{}
	for range 20 {
		for _, m := range s.ackTo(p[8]).msgs {
			if m.Kind == swim.KindSuspect {
				accusers[string(m.From)] = true
			}
		}
	}
	if len(accusers) != 4 { // the first, and K = 3 confirmations
		t.Errorf("passed on: %v", accusers)
	}
}

// Lifeguard §IV-C, the buddy system: whoever pings a suspect tells it so, first of
// all, so that the ack can already carry the refutation.
func TestLifeguardIVCAPingToASuspectCarriesTheSuspicion(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.GossipInterval = swim.Off; cfg.SuspicionMult = 100 })
	p := s.meet(3)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	for range 100 {
		s.ackTo(p[2]) // the news is used up: only the buddy system is left
	}
	s.sent()
	for range 600 {
		s.advance(10 * time.Millisecond)
		for _, d := range s.sent() {
			if m, ok := d.has(swim.KindPing); ok {
				if d.to == p[0].addr && d.msgs[0].Kind != swim.KindSuspect {
					t.Fatalf("a ping to the suspect begins with %v", d.msgs[0].Kind)
				}
				s.hear(d.to, swim.Message{Kind: swim.KindAck, Seq: m.Seq})
			}
		}
	}
	// And the other side: the ack of such a ping carries the refutation.
	me := peer{name: "self", addr: s.addr, stamp: s.core.Self()}
	s.hear(p[1].addr, me.claim(swim.Suspect, "m1"), swim.Message{Kind: swim.KindPing, Seq: 3, Name: []byte("self")})
	out := s.sent()
	m, ok := out[len(out)-1].has(swim.KindAlive)
	if _, ack := out[len(out)-1].has(swim.KindAck); !ok || !ack || string(m.Name) != "self" || m.Stamp.Incarnation != 2 {
		t.Errorf("answered %v", out)
	}
}

// Departure from SWIM §4.2, "confirm overrides any": a death of an incarnation that
// was refuted since does not count, or a late packet could kill the living.
func TestDepartureALateDeathOfAFormerIncarnationIsIgnored(t *testing.T) {
	s := newSolo(t, quiet)
	p := s.meet(2)
	late := p[0].claim(swim.Dead, "m1")
	p[0].stamp.Incarnation = 2
	s.hear(p[0].addr, p[0].alive())
	s.hear(p[1].addr, late)
	if s.state("m0") != swim.Alive {
		t.Errorf("m0 is %v", s.state("m0"))
	}
}

// Departure from SWIM §4.2, where death is final: a member comes back by a higher
// incarnation or life.
func TestDepartureTheDeadComeBackByRefutingOrRestarting(t *testing.T) {
	s := newSolo(t, quiet)
	p := s.meet(2)
	for i := range p {
		s.hear(p[1-i].addr, p[i].claim(swim.Dead, p[1-i].name))
	}
	p[0].stamp.Incarnation++
	p[1].stamp.Boot++
	for i := range p {
		s.hear(p[i].addr, p[i].alive())
		if s.state(p[i].name) != swim.Alive {
			t.Errorf("%s is %v", p[i].name, s.state(p[i].name))
		}
	}
}

// Departure from SWIM §3.1: a packet of any member that we hear at all keeps us from
// judging alone. A round without any says more about us.
func TestDepartureVerdictsOfOneWhoHearsNobodyAreSecret(t *testing.T) {
	s := newSolo(t, nil)
	s.meet(4)
	s.advance(30 * time.Second)
	for _, d := range s.sent() {
		for _, m := range d.msgs {
			if m.Kind == swim.KindSuspect || m.Kind == swim.KindDead {
				t.Fatalf("told that %s is %v", m.Name, m.Kind)
			}
		}
	}
	if st := s.core.Stats(); st.Dead != 4 || st.CutOffs != 1 {
		t.Errorf("%d dead, cut off %d times", st.Dead, st.CutOffs)
	}
}

// An accusation of a life whose first claim has not reached us yet must not turn
// its new address into a conflict, nor keep the state of the life before.
func TestARestartIsOneEvenIfItsSuspicionComesFirst(t *testing.T) {
	for _, held := range []swim.State{swim.Alive, swim.Dead} {
		s := newSolo(t, quiet)
		p := s.meet(2)
		m0 := newNotes("m0")
		m0.value["m0"], m0.life["m0"] = 9, p[0].stamp.Life
		s.hear(p[0].addr, swim.Message{Kind: swim.KindRumour, Body: m0.encode(nil, "m0")})
		if held == swim.Dead {
			s.hear(p[1].addr, p[0].claim(swim.Dead, "m1"))
		}
		next := p[0]
		next.stamp.Boot++
		next.addr = newPeer(500).addr
		s.hear(p[1].addr, next.claim(swim.Suspect, "m1"))
		next.stamp.Incarnation = 2
		s.hear(next.addr, next.alive())
		m, _ := s.core.Member("m0")
		if m.State != swim.Alive || m.Addr != next.addr || s.rider.value["m0"] != 0 || s.core.Stats().Drops[swim.DropConflict] != 0 {
			t.Errorf("after %v: %v at %v, state %d", held, m.State, m.Addr, s.rider.value["m0"])
		}
		if e := s.events[len(s.events)-1]; e.Kind != swim.EventJoined || !e.Restarted {
			t.Errorf("after %v: event %v, restarted %v", held, e.Kind, e.Restarted)
		}
	}
}
