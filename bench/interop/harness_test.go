package interop

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// What the tests of two libraries conclude is worth as much as their harness: it has to
// be right where both sides are memberlist.
func TestTheHarnessIsRightAboutMemberlistAlone(t *testing.T) {
	for name, run := range map[string]func(*testing.T, peer.Pace, func(*world)){
		"in memory": inMemory, "on loopback": onLoopback,
	} {
		t.Run(name, func(t *testing.T) {
			run(t, peer.Quick(), func(w *world) {
				for _, id := range []string{"m1", "m2", "m3"} {
					w.join(w.theirsNamed(id))
				}
				w.meet()
				w.rest(time.Second)
				w.calm()

				s, err := w.site.Stranger()
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				victim := w.theirs[2]
				accusation := peer.Message(peer.TypeSuspect, peer.Accusation{Incarnation: 1, Node: victim.Name(), From: "stranger"})
				if err := s.Send(accusation, w.theirs[0].Addr()); err != nil {
					t.Fatal(err)
				}
				w.eventually(5*time.Second, func() string {
					table, err := s.Table(w.theirs[0].Addr())
					if row := table[victim.Name()]; err != nil || row.Incarnation != 2 || row.State != peer.RowAlive {
						return "the accused has not refuted"
					}
					return ""
				})

				victim.Kill()
				w.drop(victim)
				w.meet()
				for _, m := range w.members {
					if m.Gone(victim.Name()).IsZero() || len(m.Accusations()) == 0 {
						t.Errorf("%s noticed nothing: %s", m.Name(), m.Log())
					}
				}
				table, err := s.Table(w.theirs[1].Addr())
				if row := table[victim.Name()]; err != nil || row.State != peer.RowDead {
					t.Errorf("the table of a survivor: %v, %v", table, err)
				}
			})
		})
	}
}
