package papers

import (
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// swimJoins is figure 4 of SWIM: a group that grows while one packet in ten is lost.
func swimJoins() Experiment {
	return Experiment{
		Name: "swim-joins", Source: "SWIM §5, figure 4",
		Tasks: func(size Size) []Task {
			var tasks []Task
			losses := of(size, []int{10}, []int{10, 20, 30}, []int{10, 20, 30})
			for _, s := range joinSetups() {
				for _, loss := range losses {
					for final := range 2 {
						tasks = append(tasks, Task{
							Experiment: "swim-joins", Setup: s,
							Point: Point{"loss": float64(loss) / 100, "final": float64(final)},
							Seed:  seedOf(loss / 10), Runs: of(size, 2, 20, 400),
							Run: func(seed uint64, r *Record) error { return s.joins(seed, float64(loss)/100, final == 1, r) },
						})
					}
				}
			}
			return tasks
		},
	}
}

// joinSetups are the three versions of the prototype, and ours.
func joinSetups() []Setup {
	none := prototype().with("prototype, no suspicion", func(cfg *swim.Config) { cfg.SuspicionMult = swim.Off })
	return []Setup{none, prototype(), memberlist(), nekton()}
}

const (
	joiners   = 17
	joinEvery = 5 * time.Second
	joinsEnd  = 175 * time.Second
)

// joins lets members join one after another, and counts those whom nobody has declared
// failed at the end. If that is final, they are out as soon as it happens; otherwise they
// may refute or be listed again.
func (s Setup) joins(seed uint64, loss float64, final bool, r *Record) error {
	c, err := s.cluster(seed, joiners)
	if err != nil {
		return err
	}
	c.Net.Link.Loss = loss
	out := &expulsions{final: final, failed: map[*sim.Node]bool{}, cluster: c}
	c.Watch(out)
	var seeds []*sim.Node
	for _, n := range c.Nodes() {
		up := seeds[:0:0]
		for _, s := range seeds {
			if s.Up() {
				up = append(up, s)
			}
		}
		seeds = append(up, n)
		if err := n.Start(seeds...); err != nil {
			return err
		}
		c.Run(joinEvery)
	}
	c.Run(joinsEnd - c.Now())
	r.Add("never failed", float64(joiners-len(out.failed)))
	r.Add("fp", float64(out.count))
	listed, up := 0, c.Up()
	for _, n := range up {
		listed += n.Core().Alive()
	}
	r.Add("up", float64(len(up)))
	if len(up) > 0 {
		r.Add("listed", float64(listed)/float64(len(up)))
	}
	return nil
}

// expulsions notes who is declared failed, and ends who is.
type expulsions struct {
	cluster *sim.Cluster
	final   bool
	failed  map[*sim.Node]bool
	count   int
}

// Observe is part of [sim.Observer].
func (x *expulsions) Observe(_ *sim.Node, e *sim.Event) {
	if e.Kind != node.EventMember || e.Member.Kind != swim.EventFailed {
		return
	}
	subject := x.cluster.Node(e.ID)
	if subject == nil || !subject.Running() {
		return
	}
	x.failed[subject] = true
	x.count++
	if x.final {
		x.cluster.After(0, subject.Crash)
	}
}

// Settled is part of [sim.Observer].
func (x *expulsions) Settled(*sim.Node) {}
