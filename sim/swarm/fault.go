package swarm

import (
	"github.com/nekton-go/nekton/sim/virtual"
)

// A fault of the network lasts for a time. Faults overlap, so that the network is made
// up anew from all that last whenever one begins or ends.
type fault struct {
	action   *Action
	from, to []*virtual.Host
	over     bool
}

// fault begins one.
func (r *runner) fault(a *Action) {
	f := &fault{action: a, from: r.running(a.Who), to: r.running(a.Whom)}
	r.faults = append(r.faults, f)
	r.applyFaults()
	r.c.After(a.For, func() {
		f.over = true
		r.applyFaults()
	})
}

// applyFaults makes the network what the faults leave of it.
func (r *runner) applyFaults() {
	w := r.c.World
	link := &w.Net.Link
	*link = virtual.Link{Delay: link.Delay}
	for _, from := range w.Hosts() {
		from.Out, from.In, from.Uplink = virtual.Link{}, virtual.Link{}, 0
		if w.Links() > 0 {
			for _, to := range w.Hosts() {
				w.ResetLink(from, to)
			}
		}
	}
	pairs := map[[2]*virtual.Host]virtual.Link{}
	for _, f := range r.faults {
		if f.over {
			continue
		}
		switch a := f.action; {
		case a.Kind == Mute:
			for _, h := range f.from {
				f.spoil(&h.Out)
			}
		case a.Kind == Deaf:
			for _, h := range f.from {
				f.spoil(&h.In)
			}
		case a.Kind == Uplink:
			for _, h := range f.from {
				h.Uplink = int(a.By)
			}
		case len(a.Who) == 0:
			f.spoil(link)
		default:
			for _, from := range f.from {
				for _, to := range f.to {
					l := pairs[[2]*virtual.Host{from, to}]
					f.spoil(&l)
					pairs[[2]*virtual.Host{from, to}] = l
				}
			}
		}
	}
	for pair, l := range pairs {
		// What holds everywhere holds here as well.
		l.Delay = link.Delay
		l.Loss = max(l.Loss, link.Loss)
		l.Duplicate, l.Reorder, l.Late = max(l.Duplicate, link.Duplicate), max(l.Reorder, link.Reorder), link.Late
		l.NoStreams, l.NoPackets = l.NoStreams || link.NoStreams, l.NoPackets || link.NoPackets
		w.SetLink(pair[0], pair[1], l)
	}
}

// spoil does to a link what the fault says.
func (f *fault) spoil(l *virtual.Link) {
	part := float64(f.action.By) / 100
	switch f.action.Kind {
	case Loss, Mute, Deaf:
		l.Loss = max(l.Loss, part)
	case Duplicate:
		l.Duplicate = max(l.Duplicate, part)
	case Late:
		l.Reorder, l.Late = max(l.Reorder, part), virtual.Uniform{Max: ms(300)}
	case NoStreams:
		l.NoStreams = true
	case NoPackets:
		l.NoPackets = true
	}
}
