package papers

import (
	"cmp"
	"container/heap"
	"math/rand/v2"
	"slices"
)

// A picker draws distinct members.
type picker struct{ perm []int }

func newPicker(n int) *picker {
	p := &picker{perm: make([]int, n)}
	for i := range p.perm {
		p.perm[i] = i
	}
	return p
}

// pick returns k distinct members, or as many as there are, none of them except.
func (p *picker) pick(r *rand.Rand, k, except int) []int {
	out := 0
	for i := 0; i < len(p.perm) && out < k; i++ {
		j := i + r.IntN(len(p.perm)-i)
		p.perm[i], p.perm[j] = p.perm[j], p.perm[i]
		if p.perm[i] != except {
			p.perm[out], p.perm[i] = p.perm[i], p.perm[out]
			out++
		}
	}
	return p.perm[:out]
}

// byPhase sorts members by their phases.
func byPhase(members []int, phase []float64) {
	slices.SortFunc(members, func(a, b int) int { return cmp.Compare(phase[a], phase[b]) })
}

// An agenda says who acts next.
type agenda struct{ items turns }

type turn struct {
	at     float64
	member int
}

func (a *agenda) len() int { return len(a.items) }

func (a *agenda) add(at float64, member int) { heap.Push(&a.items, turn{at, member}) }

func (a *agenda) next() (at float64, member int) {
	t := heap.Pop(&a.items).(turn)
	return t.at, t.member
}

type turns []turn

func (t turns) Len() int           { return len(t) }
func (t turns) Less(i, j int) bool { return t[i].at < t[j].at }
func (t turns) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *turns) Push(x any)        { *t = append(*t, x.(turn)) }
func (t *turns) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	return last
}
