package interop

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// A relay of memberlist nacks after its whole probe timeout, counted from when it was
// asked. Where that is later than the end of the prober's patience, the prober takes
// the silence for its own slowness, as members of memberlist themselves do; where it is
// in time, and always beside relays of nekton, a dead member costs nothing. Whoever has
// lost health has it back soon after, and has accused nobody else meanwhile.
func TestHealthBesideRelaysThatNackLateIsLostAndComesBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		timeout time.Duration
		relay   func(w *world, id string) member
		lost    bool
	}{
		{"late nacks of memberlist", 900 * time.Millisecond, (*world).relayOfTheirs, true},
		{"nacks of memberlist in time", 200 * time.Millisecond, (*world).relayOfTheirs, false},
		{"nacks of nekton", 900 * time.Millisecond, (*world).relayOfOurs, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pace := peer.LAN()
			pace.ProbeTimeout = c.timeout
			inMemory(t, pace, func(w *world) {
				w.use(mode{})
				prober := w.oursNamed("n")
				w.join(prober)
				for _, id := range []string{"1", "2", "3", "4", "5", "6", "7"} {
					w.join(c.relay(w, id))
				}
				w.meet()
				w.rest(20 * time.Second)
				w.healthy()

				worst, theirs := 0, 0
				for range 3 {
					victim := w.members[len(w.members)-1]
					victim.Kill()
					w.drop(victim)
					for range 300 {
						w.rest(100 * time.Millisecond)
						worst = max(worst, prober.Stats().Protocol.Health)
						if len(w.theirs) > 0 {
							theirs = max(theirs, w.theirs[0].GetHealthScore())
						}
					}
				}
				failed := prober.Stats().Protocol.ProbeFailures
				t.Logf("the worst health of nekton is %d, of a member of memberlist %d; %d probes have failed", worst, theirs, failed)
				if failed == 0 {
					t.Error("the prober has met nobody who was dead")
				}
				if (worst > 0) != c.lost {
					t.Errorf("the worst health is %d", worst)
				}
				w.rest(30 * time.Second)
				w.healthy()
				w.meet()
			})
		})
	}
}

func (w *world) relayOfOurs(id string) member   { return w.oursNamed(id) }
func (w *world) relayOfTheirs(id string) member { return w.theirsNamed(id) }

// healthy fails the test if anybody doubts itself.
func (w *world) healthy() {
	w.t.Helper()
	for _, m := range w.members {
		score := 0
		switch m := m.(type) {
		case *ours:
			score = m.Stats().Protocol.Health
		case *theirs:
			score = m.GetHealthScore()
		}
		if score != 0 {
			w.t.Errorf("the health of %s is %d", m.Name(), score)
		}
	}
}
