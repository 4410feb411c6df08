package scenario

import (
	"fmt"
	"strings"
)

// A Story is a scenario file: blocks of commands, each with what came of it.
type Story struct {
	// Name is what the file is called.
	Name string
	// Head is the comment that the file begins with, line by line, without the mark.
	Head []string
	// Blocks are its commands, in order.
	Blocks []*Block

	tail []string // lines after the last block
}

// A Block is one or more commands and what is expected to be told while they run.
type Block struct {
	// Lines are commands and the comments before and between them.
	Lines []Line
	// Expected is what the file says came of it, line by line.
	Expected []string

	raw []string // as in the file, up to the separator
}

// A Line is a command or a comment of a story.
type Line struct {
	// Number is its line in the file, from 1.
	Number int
	// Text is what it says, without the mark of a comment.
	Text string
	// Comment tells them apart.
	Comment bool
}

// A SyntaxError is a line that cannot be understood.
type SyntaxError struct {
	Story string
	Line  int
	Err   error
}

// Error says where, and what is wrong.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %v", e.Story, e.Line, e.Err) }

// Unwrap is the reason.
func (e *SyntaxError) Unwrap() error { return e.Err }

// separator stands between commands and what came of them.
const separator = "----"

// Parse reads a story. Only the form is checked here, the commands when they are
// played; the error is a *SyntaxError.
func Parse(name, text string) (*Story, error) {
	s := &Story{Name: name}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	b := &Block{}
	end := func() {
		if b.commands() > 0 {
			s.Blocks = append(s.Blocks, b)
			b = &Block{}
		}
	}
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		switch {
		case line == separator:
			if b.commands() == 0 {
				return nil, &SyntaxError{name, i + 1, fmt.Errorf("%s without a command above it", separator)}
			}
			for i++; i < len(lines) && strings.TrimSpace(lines[i]) != ""; i++ {
				b.Expected = append(b.Expected, strings.TrimRight(lines[i], " "))
			}
			end()
			continue
		case line == "":
			end()
			if len(b.raw) > 0 {
				b.raw = append(b.raw, "") // between comments
			}
			continue
		case strings.HasPrefix(line, "#"):
			b.Lines = append(b.Lines, Line{i + 1, strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " "), " "), true})
		default:
			b.Lines = append(b.Lines, Line{i + 1, line, false})
		}
		b.raw = append(b.raw, strings.TrimRight(lines[i], " "))
	}
	end()
	s.tail = b.raw
	if len(s.Blocks) == 0 {
		return nil, &SyntaxError{name, len(lines), fmt.Errorf("no command in it")}
	}
	s.takeHead()
	return s, nil
}

// takeHead makes the comment above the first command the head of the story.
func (s *Story) takeHead() {
	first := s.Blocks[0]
	for len(first.Lines) > 0 && first.Lines[0].Comment {
		s.Head = append(s.Head, first.Lines[0].Text)
		first.Lines = first.Lines[1:]
	}
}

// commands is how many lines of a block are commands.
func (b *Block) commands() int {
	n := 0
	for _, l := range b.Lines {
		if !l.Comment {
			n++
		}
	}
	return n
}

// Title is the first sentence of the head.
func (s *Story) Title() string {
	text := strings.Join(s.Head, " ")
	if i := strings.Index(text, ". "); i >= 0 {
		return text[:i+1]
	}
	return text
}

// Format returns the story as a file, with what came of each of its blocks in place
// of what was expected.
func (s *Story) Format(outputs [][]string) string {
	var out strings.Builder
	write := func(lines []string) {
		for _, l := range lines {
			out.WriteString(l)
			out.WriteByte('\n')
		}
	}
	for i, b := range s.Blocks {
		if i > 0 {
			out.WriteByte('\n')
		}
		write(b.raw)
		write([]string{separator})
		write(outputs[i])
	}
	if len(s.tail) > 0 {
		out.WriteByte('\n')
		write(s.tail)
	}
	return out.String()
}

// A command is a line of a story, split into words.
type command struct {
	name  string
	words []string            // all that follow the name
	args  []string            // those without a value
	keys  []setting           // words with one
	used  map[string]struct{} // keys that somebody has asked for
}

// A setting is a word with a value, key=value, or with several: key=(value,value).
type setting struct {
	key    string
	values []string
}

// parseCommand splits a line. Everything from " #" on is a comment.
func parseCommand(line string) (*command, error) {
	if i := strings.Index(line, " #"); i >= 0 {
		line = line[:i]
	}
	c := &command{used: map[string]struct{}{}}
	for rest := strings.TrimSpace(line); rest != ""; rest = strings.TrimSpace(rest) {
		end := strings.IndexAny(rest, " (")
		if end >= 0 && rest[end] == '(' {
			closing := strings.IndexByte(rest, ')')
			if closing < end {
				return nil, fmt.Errorf("a parenthesis is not closed")
			}
			end = closing + 1
		}
		if end < 0 {
			end = len(rest)
		}
		word := rest[:end]
		rest = rest[end:]
		if c.name != "" {
			c.words = append(c.words, word)
		}
		key, value, isSetting := strings.Cut(word, "=")
		switch {
		case !isSetting && c.name == "":
			c.name = word
		case !isSetting:
			c.args = append(c.args, word)
		case c.name == "" || key == "":
			return nil, fmt.Errorf("%q: name a command first, then its settings", word)
		case strings.HasPrefix(value, "("):
			var values []string
			for _, v := range strings.Split(strings.TrimSuffix(value[1:], ")"), ",") {
				values = append(values, strings.TrimSpace(v))
			}
			c.keys = append(c.keys, setting{key, values})
		default:
			c.keys = append(c.keys, setting{key, []string{value}})
		}
	}
	return c, nil
}

// take returns the values of a key, and notes that it was understood.
func (c *command) take(key string) (values []string, ok bool) {
	for _, s := range c.keys {
		if s.key == key {
			c.used[key] = struct{}{}
			values, ok = s.values, true
		}
	}
	return values, ok
}

// value returns the one value of a key, or another one if it is not there.
func (c *command) value(key, otherwise string) string {
	if v, ok := c.take(key); ok && len(v) == 1 {
		return v[0]
	}
	return otherwise
}

// sentence is all words from one on, settings included.
func (c *command) sentence(from int) []string {
	for _, s := range c.keys {
		c.used[s.key] = struct{}{}
	}
	return c.words[min(from, len(c.words)):]
}

// rest are the settings that nobody has asked for.
func (c *command) rest() []setting {
	var rest []setting
	for _, s := range c.keys {
		if _, ok := c.used[s.key]; !ok {
			rest = append(rest, s)
		}
	}
	return rest
}
