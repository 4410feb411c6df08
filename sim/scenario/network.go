package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/virtual"
)

// A cut is one that a story has made. It names nodes, and follows them through their
// lives.
type cut struct {
	text     string
	from, to [][]*sim.Node // pairwise; to empty: from everybody to everybody else
	open     bool          // flapping, and open at the moment
	over     bool
	made     []*virtual.Cut
}

// cut stops everything from some to others.
func (s *stage) cut(c *command) error {
	for _, text := range c.args {
		k, err := s.parseCut(text)
		if err != nil {
			return err
		}
		s.cuts = append(s.cuts, k)
		s.makeCut(k)
	}
	return nil
}

// parseCut reads A->B, A<->B and A|B|C.
func (s *stage) parseCut(text string) (*cut, error) {
	k := &cut{text: text}
	exprs, oneWay := strings.Split(text, "|"), false
	if strings.Contains(text, "<->") {
		exprs = strings.Split(text, "<->")
	} else if strings.Contains(text, "->") {
		exprs, oneWay = strings.Split(text, "->"), true
	}
	if len(exprs) < 2 {
		return nil, fmt.Errorf("%q: want A->B, A<->B or A|B", text)
	}
	sides, err := s.chooseSides(exprs)
	if err != nil {
		return nil, err
	}
	for i, from := range sides {
		for j, to := range sides {
			if i < j || i != j && !oneWay {
				k.from, k.to = append(k.from, from), append(k.to, to)
			}
		}
	}
	return k, nil
}

// makeCut applies a cut to the processes that there are now.
func (s *stage) makeCut(k *cut) {
	for _, c := range k.made {
		c.Heal()
	}
	k.made = nil
	if k.open || k.over {
		return
	}
	for i := range k.from {
		k.made = append(k.made, s.c.Cut(hosts(k.from[i]), hosts(k.to[i])))
	}
}

// recut applies all cuts anew: a process has come.
func (s *stage) recut() {
	for _, k := range s.cuts {
		s.makeCut(k)
	}
}

// heal ends cuts: those that it names as they were made, or all.
func (s *stage) heal(c *command) error {
	for _, text := range c.args {
		if !slices.ContainsFunc(s.cuts, func(k *cut) bool { return k.text == text }) {
			return fmt.Errorf("%q is not cut", text)
		}
	}
	s.cuts = slices.DeleteFunc(s.cuts, func(k *cut) bool {
		k.over = len(c.args) == 0 || slices.Contains(c.args, k.text)
		s.makeCut(k)
		return k.over
	})
	return nil
}

// flap makes a cut that opens and closes, until it is healed.
func (s *stage) flap(c *command) error {
	closed, errCut := duration(c, "cut", 0)
	open, errOpen := duration(c, "open", 0)
	if errCut != nil || errOpen != nil || closed <= 0 || open <= 0 {
		return fmt.Errorf("want cut=TIME open=TIME")
	}
	k, err := s.parseCut(c.args[0])
	if err != nil {
		return err
	}
	s.cuts = append(s.cuts, k)
	var turn func()
	turn = func() {
		if k.over {
			return
		}
		k.open = !k.open
		s.makeCut(k)
		if k.open {
			s.c.After(open, turn)
		} else {
			s.c.After(closed, turn)
		}
	}
	s.makeCut(k)
	s.c.After(closed, turn)
	return nil
}

// loss loses a share of all packets.
func (s *stage) loss(c *command) error {
	loss, err := parsePercent(c.args[0])
	s.c.Net.Link.Loss = loss
	return err
}

// link changes how packets travel: all, those of some nodes, or those from some to
// others.
func (s *stage) link(c *command) error {
	way := c.value("way", "both")
	if way != "in" && way != "out" && way != "both" {
		return fmt.Errorf("way=%s: want in, out or both", way)
	}
	if len(c.args) == 0 {
		return changeLink(&s.c.Net.Link, c)
	}
	from, to, pair := strings.Cut(c.args[0], "->")
	reset := len(c.args) > 1 && c.args[1] == "reset"
	if pair {
		return s.linkPair(c, from, to, reset)
	}
	var l virtual.Link
	if err := changeLink(&l, c); err != nil {
		return err
	}
	return s.stand(from, "link", func(n *sim.Node) {
		n.Host().In, n.Host().Out = virtual.Link{}, virtual.Link{}
		if reset {
			return
		}
		if way != "out" {
			n.Host().In = l
		}
		if way != "in" {
			n.Host().Out = l
		}
	})
}

func (s *stage) linkPair(c *command, from, to string, reset bool) error {
	sides, err := s.chooseSides([]string{from, to})
	if err != nil {
		return err
	}
	l := s.c.Net.Link
	if err := changeLink(&l, c); err != nil {
		return err
	}
	s.standFor("link "+from+"->"+to, func() {
		for _, a := range hosts(sides[0]) {
			for _, b := range hosts(sides[1]) {
				if reset {
					s.c.ResetLink(a, b)
				} else {
					s.c.SetLink(a, b, l)
				}
			}
		}
	})
	return nil
}

// changeLink changes what the settings of a command say.
func changeLink(l *virtual.Link, c *command) (err error) {
	percent := func(key string, p *float64) {
		if v := c.value(key, ""); v != "" && err == nil {
			*p, err = parsePercent(v)
		}
	}
	delay := func(key string, p *virtual.Delay) {
		if v := c.value(key, ""); v != "" && err == nil {
			*p, err = parseDelay(v)
		}
	}
	off := func(key string, p *bool) {
		if v := c.value(key, ""); v != "" && err == nil {
			err = setBool(p, v)
			*p = !*p
		}
	}
	percent("loss", &l.Loss)
	percent("dup", &l.Duplicate)
	percent("reorder", &l.Reorder)
	delay("delay", &l.Delay)
	delay("late", &l.Late)
	off("streams", &l.NoStreams)
	off("packets", &l.NoPackets)
	return err
}
