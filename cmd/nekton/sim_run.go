package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/cmd/nekton/internal/storyview"
	"github.com/nekton-go/nekton/sim/scenario"
)

const simRunHelp = `Plays a story: a text file with commands, such as

  # A crash is found by all, and taken back when the node returns.
  cluster a b c
  crash c
  until 30s agreed
  restart c
  until 10s agreed
  show views

and tells what comes of them. "-" reads the standard input. docs/simulator.md is the
reference of the language; sim/scenario/testdata and sim/gallery are full of examples.

The exit status is 0 if everything that the story expects is so, 1 if not, and 2 if
the story cannot be understood.`

// simRunCommand is nekton sim run.
func simRunCommand(s streams) *cobra.Command {
	p := storyPlayer{streams: s}
	cmd := &cobra.Command{
		Use:   "run FILE",
		Short: "Play a story from a file, and tell what comes of it",
		Long:  simRunHelp,
		Args:  oneArgument("the file of a story"),
		RunE: func(cmd *cobra.Command, args []string) error {
			story, err := readStory(args[0])
			if err != nil {
				return err
			}
			return p.play(cmd.Context(), story)
		},
	}
	p.flags(cmd)
	return cmd
}

// oneArgument wants exactly one, and says what it is.
func oneArgument(what string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("name %s", what)}
		}
		return nil
	}
}

func readStory(path string) (*scenario.Story, error) {
	var text []byte
	var err error
	if path == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, err
	}
	story, err := scenario.Parse(filepath.Base(path), string(text))
	if err != nil {
		return nil, usageError{err}
	}
	return story, nil
}

// storyPlayer plays a story and shows it.
type storyPlayer struct {
	streams
	seed  uint64
	nodes int
	only  string
	trace bool
	json  bool
	plain bool
}

func (p *storyPlayer) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.Uint64Var(&p.seed, "seed", 0, "another seed than the story's (0: the story's)")
	f.IntVar(&p.nodes, "nodes", 0, "another size than the story's, if it has the parameter (0: the story's)")
	f.StringVar(&p.only, "only", "", "play one contender of the story alone")
	f.BoolVar(&p.trace, "trace", false, "tell everything that happens, every packet included")
	f.BoolVar(&p.json, "json", false, "print one JSON object for each thing that is told")
	f.BoolVar(&p.plain, "plain", false, "no colours, columns and progress, also on a terminal")
}

// storyView shows a story.
type storyView interface {
	Open(s *scenario.Story)
	Command(l scenario.Line)
	Told(contender string, t scenario.Told)
	Close(expectations int, err error)
}

// play plays a story and shows it.
func (p *storyPlayer) play(ctx context.Context, story *scenario.Story) error {
	o := scenario.Options{Seed: p.seed, Only: p.only, Trace: p.trace}
	if p.nodes != 0 {
		if !story.HasParam("nodes") {
			return usageError{fmt.Errorf("%s has one size only; -nodes is for stories with a parameter nodes", story.Name)}
		}
		o.Params = map[string]int{"nodes": p.nodes}
	}
	text := p.text()
	var view storyView = text
	if p.json {
		view = storyview.NewJSON(p.out)
	}
	bar := p.progress()
	o.Progress = func(g scenario.Progress) bool {
		name := story.Name
		if g.Contender != "" {
			name += ", " + g.Contender
		}
		bar.tell(fmt.Sprintf("%s: %s", name, g.Line.Text), g.Now, g.Now+g.Left)
		return ctx.Err() == nil
	}
	expected := 0
	block := func(r scenario.Result) {
		bar.end()
		for _, part := range r.Parts {
			for _, t := range part.Told {
				if t.Kind == "met" || t.Kind == "until" {
					expected++
				}
			}
		}
		text.Block(r)
	}
	if p.trace || p.json { // told as it happens
		last := 0
		o.Stream = func(contender string, t scenario.Told) {
			bar.end()
			if t.Kind == "met" || t.Kind == "until" {
				expected++
			}
			if l := story.Line(t.Line); l.Number > last {
				last = l.Number
				view.Command(l)
			}
			view.Told(contender, t)
		}
		block = func(scenario.Result) {}
	}
	view.Open(story)
	err := story.Play(o, block)
	bar.end()
	view.Close(expected, err)
	return p.ending(err)
}

// ending is what the process ends with.
func (p *storyPlayer) ending(err error) error {
	var syntax *scenario.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return usageError{toldError{err}}
	}
	return toldError{err}
}

func (p *storyPlayer) text() *storyview.Text {
	if f, ok := p.terminal(); ok && !p.plain {
		width, _ := sizeOf(f)()
		return storyview.NewText(p.out, storyview.Colour(), width)
	}
	return storyview.NewText(p.out, storyview.Style{}, 0)
}

func (p *storyPlayer) progress() *progress {
	return &progress{s: p.streams, quiet: p.plain || p.json || p.trace || !p.errIsTerminal(), began: time.Now()}
}
