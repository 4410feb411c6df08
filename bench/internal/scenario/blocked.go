package scenario

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/bench/internal/ether"
	"github.com/nekton-go/nekton/bench/internal/result"
)

// blocked repeats the experiment of Lifeguard (Dadgar, Phillips, Currey 2018): an
// eighth of the members hangs for some seconds, runs for one, and hangs again, for two
// minutes. A false death is that of a member that never hung; a premature one, that of a
// member that hung for less than the shortest suspicion.
func (p *Plan) blocked() {
	n := p.Size.Blocked
	for run := range p.Size.BlockedRuns {
		for _, hang := range []time.Duration{2 * time.Second, 8 * time.Second} {
			if run > 0 && hang < 8*time.Second {
				continue // hangs shorter than a suspicion are there to show that they do no harm
			}
			name := fmt.Sprintf("%d of %d, %v", n/8, n, hang)
			p.virtually("blocked", name, run, ruler(), ether.LAN, func(g *group) (result.Row, error) {
				return blocking(g, n, hang)
			})
			if run == 0 {
				p.computed("blocked", name, "nobody was dead", result.Row{Values: map[string]float64{"false": 0, "false at healthy": 0, "premature": 0}})
			}
		}
	}
}

func blocking(g *group, n int, hang time.Duration) (result.Row, error) {
	var v verdicts
	g.watch = v.of
	if err := g.grow(n); err != nil {
		return result.Row{}, err
	}
	slow := map[string]bool{}
	hung := g.members[n-n/8:]
	for _, m := range hung {
		slow[m.id] = true
	}
	before := len(v.snapshot())
	for began := time.Now(); time.Since(began) < 2*time.Minute; {
		hangAndRun(hung, hang)
	}
	time.Sleep(30 * time.Second)
	values := map[string]float64{"false": 0, "false at healthy": 0, "premature": 0}
	for _, d := range v.snapshot()[before:] {
		switch {
		case slow[d.subject]:
			values["premature"]++
		case slow[d.observer]:
			values["false"]++
		default:
			values["false"]++
			values["false at healthy"]++
		}
	}
	return result.Row{Values: values}, nil
}

// hangAndRun lets members hang for a while, and run for a second.
func hangAndRun(members []*member, hang time.Duration) {
	for _, m := range members {
		m.host.Block()
	}
	time.Sleep(hang)
	for _, m := range members {
		m.host.Unblock()
	}
	time.Sleep(time.Second)
}
