package scenario

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say how a story is played.
type Options struct {
	// Seed, if not 0, takes the place of the story's.
	Seed uint64
	// Params take the place of what the story says with "params".
	Params map[string]int
	// Only, if set, is the one contender that plays.
	Only string
	// Trace tells everything, every packet and stream included, whatever the story
	// says with "tell".
	Trace bool
	// Stream, if set, is handed everything as it happens, in place of the results'
	// parts, which stay empty.
	Stream func(contender string, t Told)
	// Progress, if set, is called now and then while virtual time passes. The story
	// ends with ErrInterrupted when it returns false.
	Progress func(p Progress) bool
}

// Progress is how far a story has come.
type Progress struct {
	Contender string
	Line      Line
	// Now is the virtual time since the story began, Left how much of the command's
	// time may still pass.
	Now, Left time.Duration
}

// A Result is what came of one block.
type Result struct {
	Block *Block
	// Parts are what was told, one for each contender that plays; one alone if the
	// story has no contenders.
	Parts []Part
}

// A Part is what was told of one contender.
type Part struct {
	// Contender is its name; empty if the story has none.
	Contender string
	// Told is what happened, in order.
	Told []Told
}

// ErrInterrupted means that a story was given up.
var ErrInterrupted = errors.New("interrupted")

// An UnmetError lists what a story expected and did not find.
type UnmetError struct {
	Story string
	Unmet []Unmet
}

// Unmet is one expectation that did not hold.
type Unmet struct {
	Contender string
	Line      Line
	Why       string
}

// Error names the first, and how many there are.
func (e *UnmetError) Error() string {
	u := e.Unmet[0]
	who := ""
	if u.Contender != "" {
		who = u.Contender + ": "
	}
	more := ""
	if n := len(e.Unmet) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	return fmt.Sprintf("%s:%d: %s%s: %s%s", e.Story, u.Line.Number, who, u.Line.Text, u.Why, more)
}

// Play runs the story, and hands each block on as it is over. The error is a
// *SyntaxError where a command makes no sense, ErrInterrupted, or, at the end, an
// *UnmetError; the latter does not keep the rest of the story from being played.
func (s *Story) Play(o Options, tell func(Result)) error {
	p := &player{story: s, options: o, params: map[string]string{}, verbs: verbs()}
	for _, b := range s.Blocks {
		for _, st := range p.stages {
			st.told = nil
		}
		for _, l := range b.Lines {
			if l.Comment {
				continue
			}
			err := p.play(l)
			if errors.Is(err, ErrInterrupted) {
				return err
			}
			if err != nil {
				return &SyntaxError{s.Name, l.Number, err}
			}
		}
		tell(p.result(b))
	}
	var unmet []Unmet
	for _, st := range p.stages {
		unmet = append(unmet, st.unmet...)
	}
	if len(unmet) > 0 {
		return &UnmetError{s.Name, unmet}
	}
	return nil
}

// player plays a story on one stage, or on one for each contender.
type player struct {
	story   *Story
	options Options
	params  map[string]string
	verbs   map[string]verb
	stages  []*stage
	begun   bool // a command other than params and contender was played
}

// play does what one line says, on all stages.
func (p *player) play(l Line) error {
	text, err := p.expand(l.Text)
	if err != nil {
		return err
	}
	cmd, err := parseCommand(text)
	if err != nil {
		return err
	}
	switch cmd.name {
	case "params":
		return p.setParams(cmd)
	case "contender":
		return p.addContender(cmd)
	}
	if !p.begun {
		p.begun = true
		if len(p.stages) == 0 {
			p.stages = []*stage{newStage("", defaults(1), p.options)}
		}
		if p.options.Only != "" {
			if err := p.pick(p.options.Only); err != nil {
				return err
			}
		}
	}
	only := ""
	if cmd.name == "with" {
		if len(cmd.args) < 2 {
			return fmt.Errorf("want: with CONTENDER COMMAND")
		}
		only = cmd.args[0]
		cmd.name, cmd.args, cmd.words = cmd.args[1], cmd.args[2:], cmd.words[2:]
		if !p.has(only) && p.options.Only == "" {
			return fmt.Errorf("no contender %q", only)
		}
	}
	v, ok := p.verbs[cmd.name]
	if !ok {
		return fmt.Errorf("no command %q", cmd.name)
	}
	for _, st := range p.stages {
		if only != "" && st.name != only {
			continue
		}
		st.line = l
		c := *cmd
		c.used = map[string]struct{}{}
		if len(c.args) < v.least {
			return fmt.Errorf("want: %s", v.usage)
		}
		if st.c == nil && c.name != "cluster" && c.name != "node" {
			return fmt.Errorf("there is no cluster yet")
		}
		if err := v.run(st, &c); err != nil {
			return err
		}
		if rest := c.rest(); len(rest) > 0 {
			return fmt.Errorf("%s has no setting %q; want: %s", c.name, rest[0].key, v.usage)
		}
	}
	return nil
}

func (p *player) has(contender string) bool {
	for _, st := range p.stages {
		if st.name == contender {
			return true
		}
	}
	return false
}

// pick leaves one contender.
func (p *player) pick(name string) error {
	for _, st := range p.stages {
		if st.name == name {
			p.stages = []*stage{st}
			return nil
		}
	}
	return fmt.Errorf("no contender %q", name)
}

func (p *player) setParams(cmd *command) error {
	for _, k := range cmd.keys {
		p.params[k.key] = k.values[0]
		if v, ok := p.options.Params[k.key]; ok {
			p.params[k.key] = strconv.Itoa(v)
		}
	}
	for name := range p.options.Params {
		if _, ok := p.params[name]; !ok {
			return fmt.Errorf("the story has no parameter %q", name)
		}
	}
	return nil
}

func (p *player) addContender(cmd *command) error {
	if p.begun {
		return fmt.Errorf("name the contenders before anything else")
	}
	if len(cmd.args) != 1 {
		return fmt.Errorf("want: contender NAME [setting…]")
	}
	if p.has(cmd.args[0]) {
		return fmt.Errorf("%q contends already", cmd.args[0])
	}
	base := defaults(1)
	trial := base
	var last []setting
	for _, k := range cmd.keys {
		into := &trial
		if k.key == "rules" { // what else the story says comes on top
			into = &base
		} else {
			last = append(last, k)
		}
		if err := into.apply(k.key, k.values, false); err != nil {
			return err
		}
	}
	st := newStage(cmd.args[0], base, p.options)
	st.last = last
	p.stages = append(p.stages, st)
	return nil
}

// expand puts values in the place of $parameters.
func (p *player) expand(text string) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	var out strings.Builder
	for rest := text; ; {
		before, after, found := strings.Cut(rest, "$")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		end := 0
		for end < len(after) && (after[end] >= 'a' && after[end] <= 'z') {
			end++
		}
		value, ok := p.params[after[:end]]
		if !ok {
			return "", fmt.Errorf("no parameter $%s; say params %s=… above", after[:end], after[:end])
		}
		out.WriteString(value)
		rest = after[end:]
	}
}

// Lines are what was told in a block, as it stands in the file: for each contender
// under its name, unless all were told the same.
func (r Result) Lines() []string {
	var parts [][]string
	same := true
	for _, p := range r.Parts {
		var lines []string
		for _, t := range p.Told {
			if t.Kind == "met" {
				continue
			}
			lines = append(lines, t.String())
		}
		if len(lines) == 0 {
			lines = []string{"ok"}
		}
		parts = append(parts, lines)
		same = same && slices.Equal(lines, parts[0])
	}
	if same && len(parts) > 0 {
		return parts[0]
	}
	var out []string
	for i, lines := range parts {
		out = append(out, r.Parts[i].Contender+":")
		for _, l := range lines {
			out = append(out, "  "+l)
		}
	}
	return out
}

// result is what was told in a block.
func (p *player) result(b *Block) Result {
	r := Result{Block: b}
	for _, st := range p.stages {
		r.Parts = append(r.Parts, Part{st.name, st.told})
	}
	return r
}

// Line is the line of a number; the zero Line if there is no command or comment.
func (s *Story) Line(number int) Line {
	for _, b := range s.Blocks {
		for _, l := range b.Lines {
			if l.Number == number {
				return l
			}
		}
	}
	return Line{}
}

// HasParam reports whether the story has a parameter.
func (s *Story) HasParam(name string) bool {
	for _, b := range s.Blocks {
		for _, l := range b.Lines {
			if cmd, err := parseCommand(l.Text); err == nil && !l.Comment && cmd.name == "params" {
				if _, ok := cmd.take(name); ok {
					return true
				}
			}
		}
	}
	return false
}
