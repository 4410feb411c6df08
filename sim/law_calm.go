package sim

import (
	"bytes"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// restPeriods is how long a cluster in agreement is watched.
const restPeriods = 10

// Calm is to be called when everything that was wrong with the cluster has ended. It
// waits for [Checker.Agreement], then watches the cluster [Checker.Rest]. The error is
// the first violation, of any law and at any time, as [Checker.Err] has it.
func (k *Checker) Calm(limit time.Duration) error {
	if err := k.Agreement(limit); err != nil {
		return err
	}
	return k.Rest()
}

// Agreement lets time pass until all agree about everything, limit at most. How long
// that takes is up to chance after a partition: the members together try one lost
// member or seed about every HealInterval, and any of those that are not there may be
// tried before the one that is.
func (k *Checker) Agreement(limit time.Duration) error {
	c := k.cluster
	_, ok := c.World.Until(limit, 500*time.Millisecond, func() bool {
		return len(k.violations) > 0 || k.disorder() == nil
	})
	if !ok {
		d := k.disorder()
		k.broken(d.law, d.node, "%s, after %v of calm", d.facts, limit)
	}
	if err := k.Err(); err != nil {
		return err
	}
	for l := lawCompleteness; l < lawRest; l++ {
		k.counts[l]++
	}
	k.checkContents()
	return k.Err()
}

// disorder is one thing that is not yet as it shall be in the end.
type disorder struct {
	law   law
	node  *Node
	facts string
}

// disorder finds one, cheap things first; nil if all is well.
func (k *Checker) disorder() *disorder {
	c := k.cluster
	up := c.Up()
	for _, n := range up {
		if n.codec == c.codec && n.core.Alive() != c.alike(up) {
			return k.disagreement()
		}
	}
	for _, n := range up {
		if q := n.core.Queued(); q > 0 && len(up) > 1 { // who is alone has nobody to tell
			return &disorder{lawRest, n, fmt.Sprintf("%d pieces of news are still queued", q)}
		}
	}
	if d := k.disagreement(); d != nil {
		return d
	}
	if d := k.differs(up); d != nil {
		return d
	}
	if d := k.untold(up); d != nil {
		return d
	}
	for _, owner := range up {
		life, version, _ := owner.Version(owner.ID())
		for _, n := range up {
			if !n.versions() {
				if n.codec == owner.codec && !n.showsAll(owner) {
					return &disorder{lawConvergence, n, fmt.Sprintf("shows other keys or values of %s than it has", owner.ID())}
				}
				continue
			}
			if l, v, _ := n.Version(owner.ID()); n.codec == owner.codec && (l != life || v != version) {
				return &disorder{lawConvergence, n, fmt.Sprintf("has %s's map at version %d of life %v; the owner is at %d of %v", owner.ID(), v, l, version, life)}
			}
		}
	}
	return k.lacksQuorum(up)
}

// differs is a node that lists the same members as another, at other stamps. Under rules
// that put no fingerprints on pings (NoPrints) nobody sees that but the exchanges of
// PushPullInterval; where there are none either, it stays so, and does not disturb.
func (k *Checker) differs(up []*Node) *disorder {
	c := k.cluster
	p := c.cfg.Protocol()
	if p.PushPullInterval == 0 && (p.ProbeInterval == 0 || p.Rules.NoPrints) {
		return nil
	}
	var first *Node
	for _, n := range up {
		switch {
		case n.codec != c.codec:
		case first == nil:
			first = n
		case n.core.Fingerprints().Members != first.core.Fingerprints().Members:
			return &disorder{lawRest, n, fmt.Sprintf("lists the same members as %s, at other stamps", first.ID())}
		}
	}
	return nil
}

// untold is what a push-pull on memberlist's wire has yet to bring, where no fingerprint
// shows what is missing: a member that has restarted, and whose old meta others hold at
// the same incarnation; or that somebody who is held dead has left.
func (k *Checker) untold(up []*Node) *disorder {
	for _, n := range up {
		if n.versions() {
			continue
		}
		for m := range n.core.Members() {
			id := n.core.IDOf(m.Name)
			for _, other := range up {
				held, known := other.core.Member(id)
				switch {
				case !known || other.versions():
				case other.ID() == id && !bytes.Equal(held.Meta, m.Meta):
					return &disorder{lawRest, n, fmt.Sprintf("holds an old meta of %s", id)}
				case m.State == swim.Dead && held.State == swim.Left && held.Stamp.Compare(m.Stamp) >= 0:
					return &disorder{lawRest, n, fmt.Sprintf("holds %s dead, which has left", id)}
				}
			}
		}
	}
	return nil
}

// disagreement is a node's view of membership that differs from the truth.
func (k *Checker) disagreement() *disorder {
	d := k.cluster.Disagreement()
	if d == nil {
		return nil
	}
	l, seen := lawGone, "it does not know it"
	if d.Up {
		l = lawCompleteness
	}
	if d.Known {
		seen = "it holds it " + d.State.String()
	}
	return &disorder{l, k.cluster.Node(d.Observer), fmt.Sprintf("%s is up: %v; %s", d.Subject, d.Up, seen)}
}

// lacksQuorum is a node that sees a majority and is not UP.
func (k *Checker) lacksQuorum(up []*Node) *disorder {
	c := k.cluster
	if !c.cfg.Quorum {
		return nil
	}
	for _, n := range up {
		alive, members := n.countQuorum()
		status := n.core.SelfStatus()
		if n.core.DomainActive(n.cfg.Domain) && status != types.NODE_STATUS_UP && (2*alive > members || c.cfg.Provider == types.QUORUM_PROVIDER_NOOP) {
			return &disorder{lawRegained, n, fmt.Sprintf("sees %d of %d quorum members alive, and is %v", alive, members, status)}
		}
	}
	return nil
}

// checkContents compares what the nodes show of each other's StoreMaps, key by key.
func (k *Checker) checkContents() {
	up := k.cluster.Up()
	for _, owner := range up {
		own := owner.core.Self().Values
		for _, n := range up {
			e, err := n.core.Entry(owner.ID())
			if err != nil || n == owner || n.codec != owner.codec {
				continue // not known to the application: nothing is shown
			}
			if !k.holds(lawConvergence, sameValues(own, e.Values)) {
				k.broken(lawConvergence, n, "shows other keys or values of %s at the same version: %q, and not %q", owner.ID(), e.Values, own)
			}
		}
	}
}

func sameValues(a, b []node.KeyValue) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Key != b[i].Key || !bytes.Equal(a[i].Value, b[i].Value) {
			return false
		}
	}
	return true
}

// Rest watches a cluster in agreement for ten protocol periods, in which nothing is to
// happen, once the probes that are under way have ended.
func (k *Checker) Rest() error {
	c := k.cluster
	p := c.cfg.Protocol()
	span := restPeriods * max(p.ProbeInterval, time.Second)
	c.Run(probeTook(p) + p.ProbeTimeout) // what was under way ends
	up := c.Up()
	before := make([]virtual.Traffic, len(up))
	for i, n := range up {
		before[i] = n.host.Traffic
		k.of(n).asked = 0
	}
	k.resting = true
	for end := c.Now() + span; c.Now() < end && len(k.violations) == 0; {
		c.Run(min(time.Second, end-c.Now()))
	}
	k.resting = false
	if err := k.Err(); err != nil {
		return err
	}
	for i, n := range up {
		w := k.of(n)
		if n.core.CutOff() {
			continue // the last of its group: it looks for the others
		}
		sent := n.host.Traffic.PacketsOut - before[i].PacketsOut
		bound := 2 + w.asked
		if w.cfg.ProbeInterval > 0 {
			// Where round trips vary, an ack is now and then overdue.
			bound += uint64(w.stretch(span) / w.cfg.ProbeInterval * 5 / 4)
		}
		if w.cfg.PushPullInterval > 0 {
			bound += uint64(w.stretch(span)/w.cfg.PushPullInterval) + 1
		}
		if !k.holds(lawRest, sent <= bound) {
			k.broken(lawRest, n, "has sent %d packets in %v, having been pinged %d times; the bound is %d", sent, span, w.asked, bound)
		}
		if queued := n.core.Queued(); queued > 0 && len(up) > 1 {
			k.broken(lawRest, n, "has %d pieces of news queued", queued)
		}
	}
	return k.Err()
}

// checkRest looks at an event of a cluster that should rest.
func (k *Checker) checkRest(n *Node, e *swim.Event) {
	switch e.Kind {
	case swim.EventForgotten, swim.EventRefused:
		return // time passes, and lost members are still looked for
	}
	k.counts[lawRest]++
	k.broken(lawRest, n, "sees %s of %q at %v, from %q, though all agree", e.Kind, e.Name, e.Stamp, e.From)
}
