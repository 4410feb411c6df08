package papers

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// swimDetect is figure 3a of SWIM: the wait from a crash to its first detection.
func swimDetect() Experiment {
	return Experiment{
		Name: "swim-detect", Source: "SWIM §5, figure 3a",
		Tasks: func(size Size) []Task {
			var tasks []Task
			for i, n := range of(size, []int{8}, detectSizes(), detectSizes()) {
				random := prototype().with("prototype, random targets", func(cfg *swim.Config) { cfg.Rules.RandomTargets = true })
				for _, s := range []Setup{prototype(), random, nekton(), nekton().shuffled()} {
					tasks = append(tasks, Task{
						Experiment: "swim-detect", Setup: s, Point: Point{"n": float64(n)},
						Seed: seedOf(i), Runs: of(size, 2, 20, 400),
						Run: func(seed uint64, r *Record) error { return s.detect(seed, n, r) },
					})
				}
			}
			return tasks
		},
	}
}

func detectSizes() []int { return []int{8, 16, 32, 55, 128} }

// detect crashes members one after another, each once the last one is forgotten, and
// measures how each is found, in periods.
func (s Setup) detect(seed uint64, n int, r *Record) error {
	c, err := s.formed(seed, n+crashesPerRun)
	if err != nil {
		return err
	}
	// The last members to go are crashed first, so that the group has n at the end and
	// at most crashesPerRun more before.
	period := c.Config().Intervals.ProbeInterval
	c.Run(settlePeriods * period)
	for i := range crashesPerRun {
		victim := c.Nodes()[n+crashesPerRun-1-i]
		c.Run(time.Duration(c.Rand().Int64N(int64(period))))
		w, err := newWitness(c, victim)
		if err != nil {
			return err
		}
		victim.Crash()
		if _, ok := c.Until(time.Hour, c.Agreed); !ok {
			break
		}
		w.on = false
		for metric, at := range map[string]time.Duration{
			"probe": w.probe, "suspicion": w.suspicion, "detection": w.detection, "all": c.Now() - w.since,
		} {
			if at >= 0 {
				r.Add(metric, at.Seconds()/period.Seconds())
			}
		}
	}
	return nil
}

// crashesPerRun bounds what one cluster is used for: forming it is what takes time.
const crashesPerRun = 8

// A witness notes when the crash of a member becomes known.
type witness struct {
	victim *sim.Node
	since  time.Duration
	on     bool
	// Since the crash; negative: not yet.
	probe, suspicion, detection time.Duration

	cluster *sim.Cluster
	codec   swim.Codec
	msg     swim.Message
}

func newWitness(c *sim.Cluster, victim *sim.Node) (*witness, error) {
	codec, err := wirev2.New(c.Config().ClusterID, c.Config().Version)
	if err != nil {
		return nil, err
	}
	w := &witness{
		victim: victim, since: c.Now(), on: true, probe: -1, suspicion: -1, detection: -1, cluster: c, codec: codec,
	}
	c.Watch(w)
	c.OnPacket = w.packet
	return w, nil
}

// packet looks for the first ping to the victim.
func (w *witness) packet(_ *virtual.Host, to netip.AddrPort, b []byte, _ virtual.Fate) {
	if !w.on || w.probe >= 0 || to != w.victim.Addr() {
		return
	}
	rest, drop := w.codec.OpenPacket(b)
	if drop != 0 {
		return
	}
	for ok := true; ok && rest.Len() > 0; {
		if rest, ok = w.codec.NextMessage(rest, &w.msg); ok && w.msg.Kind == swim.KindPing {
			w.probe = w.cluster.Now() - w.since
			return
		}
	}
}

// Observe is part of [sim.Observer].
func (w *witness) Observe(n *sim.Node, e *sim.Event) {
	if !w.on || e.Kind != node.EventMember || e.ID != w.victim.Name || n == w.victim {
		return
	}
	now := w.cluster.Now() - w.since
	if e.Member.Kind == swim.EventSuspected && w.suspicion < 0 {
		w.suspicion = now
	}
	if e.Member.Kind == swim.EventFailed && w.detection < 0 {
		w.detection = now
	}
}

// Settled is part of [sim.Observer].
func (w *witness) Settled(*sim.Node) {}
