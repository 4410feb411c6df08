package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// silentProbes are those of all members that are up.
func silentProbes(cl *cluster) (n int) {
	for _, p := range cl.up() {
		n += int(p.core.Stats().SilentProbes)
	}
	return n
}

// A member that has crashed is noticed by its prober or by its target, whose turn comes
// first: two instants that have nothing to do with each other.
func TestTheWaitFromACrashToTheFirstPingIsTheShorterOfTwo(t *testing.T) {
	waits := waitsForAPing(t, coordinated)
	isDistributed(t, waits, func(w float64) float64 { return 1 - (1-min(w, 1))*(1-min(w, 1)) })
	if m := mean(waits); m < 0.28 || m > 0.39 || waits[len(waits)-1] > 1 {
		t.Errorf("mean %.3f, longest %.3f periods", m, waits[len(waits)-1])
	}
}

func TestWhileAllPingInTurnNobodyIsProbedOutOfTurn(t *testing.T) {
	packets := map[bool]int{}
	for _, ignored := range []bool{true, false} {
		cl := newCluster(t, 2)
		cl.start(24, func(cfg *swim.Config) { coordinated(cfg); cfg.Rules.IgnoreSilence = ignored })
		cl.run(30 * time.Second)
		before := cl.packets
		cl.run(2 * time.Minute)
		packets[ignored] = cl.packets - before
		if n := silentProbes(cl); n != 0 {
			t.Errorf("%d probes out of turn", n)
		}
	}
	if packets[false] != packets[true] || packets[true] != 24*120*2 {
		t.Errorf("%d packets, %d if silence is ignored, and two per member and period are %d", packets[false], packets[true], 24*120*2)
	}
}

// The second accuser is not long in coming: both sides of the silence notice.
func TestBothTheProberAndTheTargetOfACrashedMemberSuspectIt(t *testing.T) {
	cl := newCluster(t, 4)
	ps := cl.start(32, coordinated)
	cl.run(30 * time.Second)
	cl.crash(ps[9])
	cl.run(2600 * time.Millisecond) // two turns of each, and ProbeTimeout
	accusers, silent := 0, 0
	for _, p := range cl.up() {
		s := p.core.Stats()
		accusers += int(min(s.ProbeFailures, 1))
		silent += int(s.SilentProbes)
	}
	if accusers < 3 || silent < 1 || silent > 3 {
		t.Errorf("%d members found it silent, %d have accused it", silent, accusers)
	}
}

// Silence proves nothing: it is followed by a question.
func TestWhoPingsNobodyInTurnIsAskedAndNotSuspected(t *testing.T) {
	for _, c := range []struct {
		what string
		set  func(*cluster, *process)
	}{
		{"its clock is hours ahead", func(cl *cluster, p *process) { setClock(cl, p, 5*time.Hour) }},
		{"its clock is unknown", func(cl *cluster, p *process) { p.core.SetWall(cl.now, time.Time{}) }},
	} {
		cl := newCluster(t, 6)
		ps := cl.start(16, coordinated)
		cl.run(30 * time.Second)
		asked := 0
		watchTurns(cl, func(u turn) {
			if u.extra && u.from != ps[5].name {
				asked++
				if u.to != ps[5].name {
					t.Errorf("%s: %s is asked", c.what, u.to)
				}
			}
		})
		c.set(cl, ps[5])
		cl.run(time.Minute)
		if asked < 45 || asked > 60 {
			t.Errorf("%s: it was asked %d times in 60 periods, and was silent in most", c.what, asked)
		}
		for _, p := range cl.up() {
			if s := p.core.Stats(); s.Suspicions > 0 {
				t.Errorf("%s: %s has suspected somebody", c.what, p.name)
			}
		}
	}
}

// Where packets are lost, a ping is often late by a retry, and is waited for.
func TestLossMakesPatientAndAddsFewProbes(t *testing.T) {
	for _, loss := range []float64{0.1, 0.2} {
		cl := newCluster(t, 8)
		cl.unchecked = true
		cl.start(32, coordinated)
		cl.run(30 * time.Second)
		cl.loss = loss
		cl.run(time.Minute) // it is learnt
		before := silentProbes(cl)
		cl.run(3 * time.Minute)
		share := float64(silentProbes(cl)-before) / (32 * 180)
		if share > 0.05 || share == 0 {
			t.Errorf("%.0f %% lost: %.3f probes out of turn per period", 100*loss, share)
		}
	}
}

// Clocks that differ make pings late, and early. Each is late for somebody else in each
// period, so it is the worst of them that counts.
func TestClocksThatDifferMakePatient(t *testing.T) {
	cl := newCluster(t, 9)
	ps := cl.start(16, coordinated)
	cl.run(20 * time.Second)
	for i, p := range ps {
		setClock(cl, p, time.Duration(i%5-2)*40*time.Millisecond)
	}
	cl.run(time.Minute)
	before := silentProbes(cl)
	cl.run(2 * time.Minute)
	if n := silentProbes(cl) - before; n > 20 {
		t.Errorf("%d probes out of turn in 1920 periods", n)
	}
}

// What others said while we could not listen waits in the socket: who wakes up accuses,
// and asks, nobody.
func TestWhoWakesUpLateTakesNoSilenceForOne(t *testing.T) {
	for _, stall := range []time.Duration{1100 * time.Millisecond, 3 * time.Second, 8 * time.Second} {
		cl := newCluster(t, 10)
		ps := cl.start(12, coordinated)
		cl.run(30 * time.Second)
		for _, p := range ps[1:9] {
			cl.pause(p)
		}
		cl.run(stall)
		before := 0
		for _, p := range ps[1:9] {
			before += int(p.core.Stats().SilentProbes)
		}
		for _, p := range ps[1:9] {
			p.paused = false
			cl.input(p, func() { p.core.HandleTimeout(cl.now) }) // before the socket is read
			inbox := p.inbox
			p.inbox = nil
			for _, do := range inbox {
				do()
			}
		}
		after := 0
		for _, p := range ps[1:9] {
			after += int(p.core.Stats().SilentProbes)
		}
		if after != before {
			t.Errorf("stalled for %v: %d of 8 ask at once whoever did not ping", stall, after-before)
		}
	}
}

func TestWhoLeavesListensToNoSilence(t *testing.T) {
	cl := newCluster(t, 11)
	ps := cl.start(8, coordinated)
	cl.run(30 * time.Second)
	cl.input(ps[3], func() { ps[3].core.Leave(cl.now) })
	for _, p := range ps[:3] {
		cl.crash(p)
	}
	cl.run(3 * time.Second)
	if n := ps[3].core.Stats().SilentProbes; n != 0 {
		t.Errorf("%d probes by a member that leaves", n)
	}
}
