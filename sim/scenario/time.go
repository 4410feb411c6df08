package scenario

import (
	"fmt"
	"strings"
	"time"
)

// run lets time pass.
func (s *stage) run(c *command) error {
	d, err := time.ParseDuration(c.args[0])
	if err != nil {
		return err
	}
	for _, word := range c.args[1:] {
		if word != "packets" {
			return fmt.Errorf("%q: want packets, or nothing", word)
		}
		s.packets = true
	}
	defer func() { s.packets = false }()
	err = s.pass(d)
	s.summarise()
	return err
}

// until lets time pass until a condition holds.
func (s *stage) until(c *command) error {
	limit, err := time.ParseDuration(c.args[0])
	if err != nil {
		return err
	}
	words := c.sentence(1)
	cond, err := s.condition(words)
	if err != nil {
		return err
	}
	took, ok, err := s.passUntil(limit, func() bool { holds, _ := cond(); return holds })
	s.summarise()
	if err != nil {
		return err
	}
	s.took = took
	what := strings.Join(words, " ")
	if !ok {
		_, why := cond()
		s.say(Told{Kind: "unmet", Text: fmt.Sprintf("STILL NOT after %v: %s: %s", limit, what, why)})
		s.unmet = append(s.unmet, Unmet{s.name, s.line, fmt.Sprintf("not within %v: %s", limit, why)})
		return nil
	}
	s.say(Told{Kind: "until", Text: what})
	return nil
}

// expect wants a condition to hold now.
func (s *stage) expect(c *command) error {
	words := c.sentence(0)
	cond, err := s.condition(words)
	if err != nil {
		return err
	}
	if holds, why := cond(); !holds {
		s.say(Told{Kind: "unmet", Text: fmt.Sprintf("NOT AS EXPECTED: %s: %s", strings.Join(words, " "), why)})
		s.unmet = append(s.unmet, Unmet{s.name, s.line, why})
		return nil
	}
	s.say(Told{Kind: "met", Text: strings.Join(words, " ")})
	return nil
}
