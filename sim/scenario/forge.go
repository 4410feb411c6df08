package scenario

import (
	"fmt"
	"strconv"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/swim"
)

// forge hands a node a packet that nobody has sent: a claim about a member.
func (s *stage) forge(c *command) error {
	kind, ok := map[string]swim.Kind{"alive": swim.KindAlive, "suspect": swim.KindSuspect, "dead": swim.KindDead}[c.args[0]]
	if !ok {
		return fmt.Errorf("%q: want alive, suspect or dead", c.args[0])
	}
	about, err := s.choose(c.args[1])
	if err != nil {
		return err
	}
	at, err := strconv.ParseUint(c.value("at", "1"), 10, 32)
	if err != nil {
		return err
	}
	boots, err := strconv.Atoi(c.value("boot", "0"))
	if err != nil {
		return err
	}
	by, to := c.value("by", ""), c.value("to", "")
	for _, n := range about {
		f := forgery{kind: kind, about: n, by: n, to: n, at: swim.Incarnation(at), boots: swim.Boot(boots)}
		if by != "" {
			if f.by, err = s.chooseOne(by); err != nil {
				return fmt.Errorf("by: %w", err)
			}
		}
		if to != "" {
			if f.to, err = s.chooseOne(to); err != nil {
				return fmt.Errorf("to: %w", err)
			}
		}
		if err := s.deliver(f); err != nil {
			return err
		}
	}
	return nil
}

// A forgery is a claim that nobody has made.
type forgery struct {
	kind          swim.Kind
	about, by, to *sim.Node
	at            swim.Incarnation
	boots         swim.Boot // later than that of about
}

// deliver hands a forged packet over.
func (s *stage) deliver(f forgery) error {
	if !f.to.Running() {
		return fmt.Errorf("%s does not run", f.to.Name)
	}
	m := swim.Message{
		Kind: f.kind, Name: []byte(f.about.ID()), From: []byte(f.by.ID()), Addr: f.about.Addr(), Stamp: s.life(f.about, f.to),
	}
	m.Stamp.Incarnation = f.at
	if m.Stamp.Boot > 0 { // else there are none, under the rules that hold
		m.Stamp.Boot += f.boots
	}
	begun := s.codec.BeginPacket(nil)
	packet := s.codec.FinishPacket(s.codec.AppendMessage(begun, &m), 0, []int{len(begun)})
	f.to.Host().Do(func(now time.Duration) {
		f.to.Core().HandlePacket(now, f.by.Addr(), packet)
	})
	return nil
}

// life is the stamp of a node as it says itself, or, when it does not run, as another
// one holds it; when that one has forgotten it, the beginning of its latest life.
func (s *stage) life(n, observer *sim.Node) swim.Stamp {
	if m, ok := n.Core().Member(n.ID()); ok && n.Running() {
		return m.Stamp
	}
	if m, ok := observer.Core().Member(n.ID()); ok {
		return m.Stamp
	}
	return swim.Stamp{Life: n.Core().Life(), Incarnation: 1}
}
