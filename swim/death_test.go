package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// trusting believes a death by gossip at once, as the papers do: the table of
// precedence then shows as it is.
func trusting(cfg *swim.Config) { cfg.Rules.TrustDeaths = true }

func TestADeathThatIsHeardWaitsForMostOfTheShortestSuspicion(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	m := peers[0]
	patience := swim.SuspicionTimeout(4, 6, 5, time.Second, 0, 0) * 9 / 10

	s.hear(peers[1].addr, m.claim(swim.Suspect, "m1"))
	s.advanceAnswered(patience / 2)
	s.hear(peers[1].addr, m.claim(swim.Dead, "m1"))
	if got := s.state("m0"); got != swim.Suspect {
		t.Fatalf("halfway through its time it is %v", got)
	}
	s.advanceAnswered(patience/2 - time.Millisecond)
	if got := s.state("m0"); got != swim.Suspect {
		t.Fatalf("before its time is over it is %v", got)
	}
	s.advanceAnswered(time.Millisecond)
	if got := s.state("m0"); got != swim.Dead {
		t.Errorf("when its time is over it is %v", got)
	}
}

func TestADeathThatComesAsASurpriseIsProbedAndCanBeRefuted(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	m := peers[0]
	s.sent()
	s.hear(peers[1].addr, m.claim(swim.Dead, "m1"))
	asked := false
	for _, d := range s.sent() {
		ping, isPing := d.has(swim.KindPing)
		_, accuses := d.has(swim.KindSuspect)
		asked = asked || isPing && accuses && d.to == m.addr && string(ping.Name) == "m0"
	}
	if !asked {
		t.Error("it is not asked at once, with the accusation")
	}
	m.stamp.Incarnation++
	s.hear(m.addr, m.alive())
	if got := s.state("m0"); got != swim.Alive || s.count(swim.EventFailed, "m0") != 0 {
		t.Errorf("after its refutation it is %v", got)
	}
}

func TestAFailedProbeOfOurOwnConfirmsADeclaredDeathAtOnce(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(4)
	s.hear(peers[1].addr, peers[0].claim(swim.Dead, "m1"))
	s.advanceAnswered(1100*time.Millisecond, peers[0].addr)
	if got := s.state("m0"); got != swim.Dead {
		t.Errorf("after a failed probe of our own it is %v", got)
	}
}

func TestAPacketFullOfDeathsBeginsABoundedNumberOfProbes(t *testing.T) {
	s := newSolo(t, nil)
	peers := s.meet(60)
	var deaths []swim.Message
	for _, p := range peers[1:] {
		deaths = append(deaths, p.claim(swim.Dead, "m0"))
	}
	s.hear(peers[0].addr, deaths...)
	if st := s.core.Stats(); st.OpenProbes != 16 || st.Suspect != 59 || st.Dead != 0 {
		t.Errorf("%d probes, %d suspects, %d dead", st.OpenProbes, st.Suspect, st.Dead)
	}
}

func TestOneHalfCutOffMemberCannotHaveTheHealthyDeclaredDead(t *testing.T) {
	cl := newCluster(t, 2)
	ps := cl.start(32, nil)
	cl.until(time.Minute, "formed", cl.agreed)
	// n5 and one in ten of the others reach each other; all others reach all.
	friend := func(p *process) bool { return p.name == "n1" || p.name == "n11" || p.name == "n21" }
	cl.blocked = func(from, to *process) bool {
		return from.name == "n5" && !friend(to) || to.name == "n5" && !friend(from)
	}
	cl.run(3 * time.Minute)
	for _, p := range ps {
		for _, e := range p.events {
			if e.Kind == swim.EventFailed && p.name != "n5" && e.Name != "n5" {
				t.Errorf("%v: %s declared %s dead", e.At, p.name, e.Name)
			}
		}
	}
	if s := ps[5].core.Stats(); s.Suspicions == 0 {
		t.Error("the half cut off member suspected nobody: the test shows nothing")
	}
}
