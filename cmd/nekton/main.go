// Command nekton shows and runs the library.
//
//	nekton demo     start a cluster on loopback, break it, heal it, and check every step
//	nekton agent    run one node, and print what happens
//	nekton sim      simulate a cluster, measure it, and compare it with theory; play stories
//
// Each command explains itself with -help. Flags may be written with one dash or
// with two.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// What the process exits with.
const (
	exitOK      = 0
	exitFailed  = 1 // what was asked for was tried, and did not succeed
	exitUsage   = 2 // what was asked for makes no sense
	exitUnheard = 3 // the node left, and too few peers acknowledged it
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// run is the whole program: it returns what to exit with.
func run(ctx context.Context, args []string, s streams) int {
	root := &cobra.Command{
		Use:           "nekton",
		Short:         "Cluster membership: SWIM with Lifeguard, a quorum layer and versioned state",
		SilenceErrors: true,
		SilenceUsage:  true,
		// Without a command there is nothing to do but to explain.
		RunE: func(cmd *cobra.Command, _ []string) error {
			cmd.SetOut(s.err)
			_ = cmd.Help()
			return usageError{errors.New("name a command: demo, agent or sim")}
		},
		Args: cobra.NoArgs,
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetArgs(twoDashes(args))
	root.SetOut(s.out)
	root.SetErr(s.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w; see %s -help", err, cmd.CommandPath())}
	})
	root.AddCommand(demoCommand(s), agentCommand(s), simCommand(s))

	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	var told toldError
	if !errors.As(err, &told) {
		fmt.Fprintln(s.err, "nekton:", err)
	}
	var usage usageError
	if errors.As(err, &usage) || strings.HasPrefix(err.Error(), "unknown command") {
		return exitUsage
	}
	var unheard unheardError
	if errors.As(err, &unheard) {
		return exitUnheard
	}
	return exitFailed
}

// usageError is a mistake in the command line.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// unheardError: the node left, and too few peers acknowledged it.
type unheardError struct{ error }

func (e unheardError) Unwrap() error { return e.error }

// toldError is an error that the user has been told already.
type toldError struct{ error }

func (e toldError) Unwrap() error { return e.error }

// twoDashes lets flags be written as the go command writes them: -nodes 5. Words
// that begin with one dash and a letter get a second one, up to "--".
func twoDashes(args []string) []string {
	out := make([]string, 0, len(args))
	for i, arg := range args {
		if arg == "--" {
			return append(out, args[i:]...)
		}
		if len(arg) > 2 && arg[0] == '-' && isLetter(arg[1]) {
			arg = "-" + arg
		}
		out = append(out, arg)
	}
	return out
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
