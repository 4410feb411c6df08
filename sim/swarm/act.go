package swarm

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/types"
)

// act lets one thing happen.
func (r *runner) act(a *Action) {
	if a.Kind == Join {
		r.join(a)
		return
	}
	if len(a.Who) > 0 && len(r.who(a.Who)) == 0 {
		r.tell("%s: nobody there", a)
		return
	}
	r.tell("%s", a)
	switch a.Kind {
	case Set, Delete:
		r.each(a, func(n *sim.Node) { r.write(n, a) })
	case Update:
		r.c.UpdateCluster()
	case Dismiss:
		r.each(a, (*sim.Node).Dismiss)
		r.c.UpdateCluster()
	case Activate, Deactivate:
		r.c.SetActive(domain(a.By), a.Kind == Activate)
	case Crash:
		r.each(a, (*sim.Node).Crash)
	case Vanish:
		r.each(a, (*sim.Node).Vanish)
	case Leave:
		r.each(a, func(n *sim.Node) { _ = n.Leave(5 * time.Second) }) // who does not take part cannot leave
	case Restart, Move, Skew:
		r.again(a)
	case Zombie:
		for _, i := range a.Who {
			r.zombie(a, i)
		}
	case Cut, Split, Flap:
		r.cut(a)
	case Pause, Hold, Starve, Slow:
		r.hinder(a)
	default:
		r.fault(a)
	}
}

// who are the nodes of numbers, as far as there are such.
func (r *runner) who(numbers []int) []*sim.Node {
	var out []*sim.Node
	for _, i := range numbers {
		if i < len(r.nodes) {
			out = append(out, r.nodes[i])
		}
	}
	return out
}

func (r *runner) each(a *Action, do func(*sim.Node)) {
	for _, n := range r.who(a.Who) {
		do(n)
	}
}

// running are the processes of nodes.
func (r *runner) running(numbers []int) []*virtual.Host {
	var out []*virtual.Host
	for _, n := range r.who(numbers) {
		if n.Running() {
			out = append(out, n.Host())
		}
	}
	return out
}

// write changes or deletes a key. A value tells when it was written, so that an old
// one can be told from a new one.
func (r *runner) write(n *sim.Node, a *Action) {
	if a.Kind == Delete {
		_ = n.Delete(types.StoreKey(fmt.Sprint("key", a.By))) // who does not run has nothing to delete
		return
	}
	value := fmt.Appendf(nil, "%s at %v ", n.Name, r.c.Now())
	value = append(value, slices.Repeat([]byte{'.'}, int(a.By/8))...)
	_ = n.Set(types.StoreKey(fmt.Sprint("key", a.By%8)), value) // nor to change
}

// again restarts nodes.
func (r *runner) again(a *Action) {
	for _, i := range a.Who {
		if i >= len(r.nodes) {
			continue
		}
		rebirth := sim.Rebirth{Moved: a.Kind == Move && i != 0}
		if former := r.who(a.Whom); rebirth.Moved && len(former) == 1 && former[0] != r.nodes[0] && !former[0].Running() {
			rebirth.Addr = former[0].Addr() // fails if it is in use again
		}
		switch {
		case a.Kind == Skew:
			rebirth.Clock = &virtual.Clock{Skew: ms(a.By)}
		case a.By > 0:
			r.gens[i] += uint64(a.By)
			rebirth.Generation = r.gens[i]
		}
		r.restart(i, rebirth)
	}
}

// restart starts a node anew, joined through everybody's seed; that itself through all
// others.
func (r *runner) restart(i int, rebirth sim.Rebirth) {
	n := r.nodes[i]
	n.Crash()
	rebirth.Seeds = r.seeds(i)
	if err := n.Restart(rebirth); err != nil {
		r.tell("%s: %v", n.Name, err)
	}
}

// seeds are whom a node joins through.
func (r *runner) seeds(i int) []*sim.Node {
	if i != 0 {
		return r.nodes[:1]
	}
	seeds := []*sim.Node{r.nodes[0]} // itself: without others it begins a cluster
	for _, n := range r.nodes[1:] {
		if n.Running() {
			seeds = append(seeds, n)
		}
	}
	return seeds
}

// join adds nodes, up to the highest number that is named.
func (r *runner) join(a *Action) {
	for _, i := range a.Who {
		for len(r.nodes) <= i {
			number := len(r.nodes)
			if err := r.add(number); err != nil {
				r.tell("%s: %v", a, err)
				return
			}
			r.c.UpdateCluster()
			n := r.nodes[number]
			seeds := append(slices.Clone(r.nodes[:1]), r.who(a.Whom)...)
			if err := n.Start(seeds...); err != nil {
				r.tell("%s: %v", a, err)
			}
		}
	}
	r.tell("%s", a)
}

// zombie freezes a process for a time. Meanwhile another one takes its name, at another
// address: whoever started it believed the first to be gone.
func (r *runner) zombie(a *Action, i int) {
	if i >= len(r.nodes) || i == 0 || !r.nodes[i].Running() {
		return
	}
	old := r.nodes[i]
	host := old.Host()
	host.Pause()
	r.c.After(a.For, host.Resume)
	r.zombies++
	r.gens[i] += uint64(max(0, a.By))
	cfg := r.s.nodeConfig(i)
	cfg.ID, cfg.Generation = old.ID(), r.gens[i]
	n, err := r.c.Add(types.NodeId(fmt.Sprintf("n%d.%d", i, r.zombies)), cfg)
	if err != nil {
		r.tell("%s: %v", a, err)
		return
	}
	r.nodes[i] = n
	r.c.UpdateCluster()
	if err := n.Start(r.nodes[0]); err != nil {
		r.tell("%s: %v", a, err)
	}
}

// cut separates nodes.
func (r *runner) cut(a *Action) {
	from, to := r.running(a.Who), r.running(a.Whom)
	begin := func() []*virtual.Cut {
		if a.Kind == Cut {
			return []*virtual.Cut{r.c.Cut(from, to)}
		}
		return r.c.Split(from, to)
	}
	cuts := begin()
	heal := func() {
		for _, c := range cuts {
			c.Heal()
		}
		cuts = nil
	}
	over := false
	r.c.After(a.For, func() {
		over = true
		heal()
	})
	if a.Kind == Flap && a.By > 0 {
		r.c.Every(ms(a.By), func() bool {
			switch {
			case over:
				return false
			case cuts == nil:
				cuts = begin()
			default:
				heal()
			}
			return true
		})
	}
}

// hinder keeps processes from doing what they want.
func (r *runner) hinder(a *Action) {
	for _, h := range r.running(a.Who) {
		switch a.Kind {
		case Pause:
			h.PauseFor(a.For)
		case Hold:
			h.Hold(virtual.HoldRun)
			r.c.After(a.For, func() { h.Hold(virtual.HoldNothing) })
		case Starve:
			const slice = 50 * time.Millisecond
			stop := h.Starve(slice, virtual.Uniform{Min: ms(a.By) / 2, Max: ms(a.By) * 3 / 2})
			r.c.After(a.For, stop)
		case Slow:
			h.Slow = virtual.Uniform{Min: 0, Max: ms(a.By)}
			r.c.After(a.For, func() { h.Slow = nil })
		}
	}
}
