package swim_test

import (
	"fmt"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// The table above supersedes, cell by cell: what it takes of i against j for the
// claim to win. "-" never does.
var precedence = map[swim.State][4]string{
	//             held: alive  suspect  dead   left
	swim.Alive:   {">", ">", ">", ">"},
	swim.Suspect: {">=", ">", "-", "-"},
	swim.Dead:    {">=", ">=", ">", "-"},
	swim.Left:    {">=", ">=", ">=", ">"},
}

func TestEveryCellOfTheTableOfPrecedenceHolds(t *testing.T) {
	at := func(g swim.Generation, b swim.Boot, i swim.Incarnation) swim.Stamp {
		return swim.Stamp{Life: swim.Life{Generation: g, Boot: b}, Incarnation: i}
	}
	// Pairs of stamps with their order: each of the three parts decides, and the
	// one before outweighs those behind.
	pairs := []struct {
		i, j  swim.Stamp
		order int
	}{
		{at(1, 1, 1), at(1, 1, 1), 0},
		{at(1, 1, 2), at(1, 1, 1), +1},
		{at(1, 2, 1), at(1, 1, 9), +1},
		{at(2, 1, 1), at(1, 9, 9), +1},
		{at(1, 1, 1), at(1, 1, 2), -1},
		{at(1, 1, 9), at(1, 2, 1), -1},
		{at(1, 9, 9), at(2, 1, 1), -1},
	}
	for claim, row := range precedence {
		for held, rule := range row {
			for _, p := range pairs {
				want := p.order > 0 && rule != "-" || p.order == 0 && rule == ">="
				if got := swim.Supersedes(claim, p.i, swim.State(held), p.j); got != want {
					t.Errorf("%v(%v) over %v(%v): %v, want %v by %q", claim, p.i, swim.State(held), p.j, got, want, rule)
				}
			}
		}
	}
}

// What the table says of a pair of claims, a core does when they come in packets;
// and evidence that loses against a dead or left member still raises its stamp.
func TestACoreAppliesTheTableAndAbsorbsWhatLoses(t *testing.T) {
	for claim := swim.Alive; claim <= swim.Left; claim++ {
		for held := swim.Alive; held <= swim.Left; held++ {
			for _, order := range []int{-1, 0, +1} {
				t.Run(fmt.Sprintf("%v over %v at %+d", claim, held, order), func(t *testing.T) {
					s := newSolo(t, trusting)
					peers := s.meet(3)
					subject := peers[0]
					subject.stamp.Incarnation = 5
					s.hear(peers[1].addr, subject.alive())
					if held != swim.Alive {
						s.hear(peers[1].addr, subject.claim(held, "m1"))
					}
					subject.stamp.Incarnation = swim.Incarnation(5 + order)
					s.hear(peers[2].addr, subject.claim(claim, "m2"))

					rule := precedence[claim][held]
					wins := order > 0 && rule != "-" || order == 0 && rule == ">="
					want, stamp := held, swim.Incarnation(5)
					if wins {
						want = claim
					}
					if wins || claim != swim.Alive && held >= swim.Dead && order > 0 {
						stamp = swim.Incarnation(5 + order)
					}
					m, _ := s.core.Member("m0")
					if m.State != want || m.Stamp.Incarnation != stamp {
						t.Errorf("held %v at %d, want %v at %d", m.State, m.Stamp.Incarnation, want, stamp)
					}
				})
			}
		}
	}
}

func TestAnAliveBetweenLostEvidenceAndTheHeldStampRevivesNobody(t *testing.T) {
	s := newSolo(t, trusting)
	peers := s.meet(3)
	m := peers[0]
	s.hear(peers[1].addr, m.claim(swim.Dead, "m1"))
	m.stamp.Incarnation = 7
	s.hear(peers[1].addr, m.claim(swim.Suspect, "m1")) // loses, and is remembered
	for i := swim.Incarnation(2); i <= 7; i++ {
		m.stamp.Incarnation = i
		s.hear(peers[1].addr, m.alive())
		if got := s.state("m0"); got != swim.Dead {
			t.Fatalf("an alive at incarnation %d revived it: %v", i, got)
		}
	}
	m.stamp.Incarnation = 8
	s.hear(peers[1].addr, m.alive())
	if got := s.state("m0"); got != swim.Alive {
		t.Errorf("a refutation above all evidence was not believed: %v", got)
	}
}
