package explore

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// A walker goes one way with cores of its own, which it calls without remembering
// anything.
type walker struct {
	m     *machine
	nodes [MaxNodes]struct {
		core  *swim.Core
		marks *marks
		now   time.Duration
	}
}

// start takes over the nodes of a state.
func (w *walker) start(st *state) {
	for i, s := range st.nodes {
		if s.snap != noSnap {
			w.put(i, s.snap)
		}
	}
}

func (w *walker) put(i int, s snapID) {
	n, from := &w.nodes[i], &w.m.snaps[s]
	n.marks = from.marks.clone()
	n.core, n.now = from.core.Clone(&chance{}, n.marks), from.now
}

// encode is the identity of a node.
func encode(core *swim.Core, held *marks, now time.Duration) []byte {
	b := core.AppendNumbers(core.AppendCanonical(nil, now))
	for i := range held.held {
		b = held.encode(b, i)
	}
	return b
}

// follow goes through what a move went through, and compares.
func (w *walker) follow(t *testing.T, mv *move) {
	for _, e := range mv.effects {
		n := &w.nodes[e.node]
		if e.in.kind == inBoot {
			w.put(e.node, e.next)
			continue
		}
		ch := &chance{most: w.m.cfg.Chance}
		for range e.chance {
			held := n.marks.clone()
			w.m.perform(e.node, n.core.Clone(ch, held), held, n.now, e.in, &outcome{})
			ch.next()
		}
		held := n.marks.clone()
		core := n.core.Clone(ch, held)
		var o outcome
		now := w.m.perform(e.node, core, held, n.now, e.in, &o)
		n.core, n.marks, n.now = core, held, now
		known := &w.m.snaps[e.next]
		if !bytes.Equal(encode(core, held, now), encode(known.core, known.marks, known.now)) {
			t.Fatalf("after %v, %s is in another state than was remembered", mv.action, nameOf(e.node))
		}
		if !slices.Equal(o.sent, e.sent) || o.frame != e.frame || o.failed != e.failed || o.finished != e.finished || o.end != e.end || o.stops != e.stops {
			t.Fatalf("after %v, %s wants something else done than was remembered", mv.action, nameOf(e.node))
		}
	}
}

// What a core does is looked up, not done, when a core in the same state has been
// asked before. Here the same ways are gone with cores that remember nothing else than
// what has happened to them.
func TestWhatIsRememberedOfACoreIsWhatItDoes(t *testing.T) {
	for _, s := range Suites() {
		t.Run(s.Name, func(t *testing.T) {
			cfg := s.Medium.withDefaults()
			m, err := newMachine(cfg)
			if err != nil {
				t.Fatal(err)
			}
			root, err := m.root()
			if err != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(1, 2))
			steps := 0
			for range 150 {
				w := &walker{m: m}
				w.start(root)
				st := root
				for {
					count := 0
					m.moves(st, func(*move) { count++ })
					if count == 0 {
						break
					}
					pick, i, next := r.IntN(count), 0, &state{}
					m.moves(st, func(mv *move) {
						if i == pick {
							w.follow(t, mv)
							next.copyFrom(&mv.to)
							steps++
						}
						i++
					})
					st = next
				}
			}
			if steps < 1000 {
				t.Errorf("only %d steps were compared", steps)
			}
		})
	}
}
