package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nekton-go/nekton/sim/gallery"
)

const simReplayHelp = `Plays a story of the gallery: a famous failure of cluster membership, named after the
public report, on the simulator. Without a name it lists them.

  nekton sim replay memberlist-222
  nekton sim replay memberlist-311 -nodes 1000

Where the rule that is to blame is small, the story is played with it and with
nekton's own, side by side. The exit status is 0 if everything that the story
expects is so.`

// simReplayCommand is nekton sim replay.
func simReplayCommand(s streams) *cobra.Command {
	p := storyPlayer{streams: s}
	cmd := &cobra.Command{
		Use:   "replay [NAME]",
		Short: "Play a famous failure of the gallery, or list them",
		Long:  simReplayHelp,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneArgument("one story")(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return p.list()
			}
			story, err := gallery.Story(strings.TrimSuffix(args[0], ".txt"))
			if err != nil {
				return usageError{err}
			}
			return p.play(cmd.Context(), story)
		},
	}
	p.flags(cmd)
	return cmd
}

// list prints the names of all stories, with one sentence each.
func (p *storyPlayer) list() error {
	names := gallery.Names()
	width := 0
	for _, name := range names {
		width = max(width, len(name))
	}
	for _, name := range names {
		story, err := gallery.Story(name)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%-*s  %s\n", width, name, story.Title())
	}
	return nil
}
