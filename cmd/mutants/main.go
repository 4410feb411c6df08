// Command mutants tests the tests: it plants one deliberate bug after another into the
// code (package internal/mutants), and asks the random scenarios, the explorer and the
// stories whether they notice. What caught each is written into a page. The gallery's stories,
// which take longer, are asked where nobody else has noticed.
//
//	go run ./cmd/mutants                    all of them; some minutes
//	go run ./cmd/mutants -only exchange     those whose name contains a word
//	go run ./cmd/mutants -docs docs/testing.md
//
// It runs in the directory of the module. The exit status is 1 if one was not caught.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/internal/mutants"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

// hunter is one run of the command.
type hunter struct {
	root    string
	seeds   int
	timeout time.Duration
}

func run(ctx context.Context) error {
	only := flag.String("only", "", "mutants whose name contains this")
	page := flag.String("docs", "", "write the table into this page, between its markers")
	h := hunter{}
	flag.IntVar(&h.seeds, "seeds", 2000, "random scenarios for each")
	flag.DurationVar(&h.timeout, "timeout", 2*time.Minute, "for each of the three; who does not end is caught")
	flag.Parse()
	root, err := filepath.Abs(".")
	if err != nil {
		return err
	}
	h.root = root
	for _, m := range mutants.All() {
		if _, err := m.Apply(root); err != nil {
			return err
		}
	}
	var rows []string
	var missed []string
	for _, m := range mutants.All() {
		if !strings.Contains(m.Name, *only) {
			continue
		}
		c, err := h.hunt(ctx, m)
		if err != nil {
			return err
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s |", m.Name, m.Sentence, c.swarm, c.explorer, c.stories)
		fmt.Println(row)
		rows = append(rows, row)
		if !c.caught() {
			missed = append(missed, m.Name)
		}
	}
	if *page != "" && *only == "" {
		if err := write(*page, rows); err != nil {
			return err
		}
	}
	if len(missed) > 0 {
		return fmt.Errorf("not caught: %s", strings.Join(missed, ", "))
	}
	return nil
}

// caught says what each of the three has to say about a mutant; no is nothing.
type caught struct{ swarm, explorer, stories string }

const no = "–"

func (c caught) caught() bool { return c != caught{no, no, no} }

// hunt plants a mutant, and asks all three.
func (h *hunter) hunt(ctx context.Context, m mutants.Mutant) (c caught, err error) {
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	overlay, err := mutants.Overlay(dir, h.root, m)
	if err != nil {
		return c, err
	}
	binary := filepath.Join(dir, "nekton.exe")
	if out, err := h.command(ctx, "go", "build", "-overlay", overlay, "-o", binary, "./cmd/nekton").CombinedOutput(); err != nil {
		return c, fmt.Errorf("mutant %s does not build: %w\n%s", m.Name, err, out)
	}
	c.swarm = h.ask(ctx, swarmVerdict, binary, "sim", "swarm", "-plain", "-shrink", "0", "-seeds", strconv.Itoa(h.seeds))
	c.explorer = h.ask(ctx, explorerVerdict, binary, "sim", "explore", "-plain")
	stories := []string{"test", "-overlay", overlay, "-count=1", "-vet=off"}
	c.stories = h.ask(ctx, failed, "go", append(stories, "./sim/scenario")...)
	if !c.caught() {
		c.stories = h.ask(ctx, failed, "go", append(stories, "./sim/gallery")...)
	}
	return c, ctx.Err()
}

func (h *hunter) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = h.root
	return cmd
}

// ask runs one of the three. It has caught the mutant if it fails, or does not end.
func (h *hunter) ask(ctx context.Context, verdict func(out string) string, name string, args ...string) string {
	limited, stop := context.WithTimeout(ctx, h.timeout)
	defer stop()
	out, err := h.command(limited, name, args...).CombinedOutput()
	switch {
	case limited.Err() != nil:
		return "does not end"
	case err == nil:
		return no
	}
	return verdict(string(out))
}

// swarmVerdict is which law broke, and how many seeds it took.
func swarmVerdict(out string) string {
	what := "fails"
	if m := regexp.MustCompile(`law "([^"]*)" broken`).FindStringSubmatch(out); m != nil {
		what = m[1]
	} else if strings.Contains(out, "panic:") {
		what = "panic"
	}
	if m := regexp.MustCompile(`-seed (\d+) `).FindStringSubmatch(out); m != nil {
		what += ", seed " + m[1]
	}
	return what
}

// explorerVerdict is which invariant did not hold, and in which suite.
func explorerVerdict(out string) string {
	m := regexp.MustCompile(`(?m)^([a-z-]+): .*\nreplay with: .* (\S+)$`).FindStringSubmatch(out)
	switch {
	case m != nil:
		return m[1] + ", " + m[2]
	case strings.Contains(out, "panic:"):
		return "panic"
	}
	return "fails"
}

// failed counts what failed of a test.
func failed(out string) string {
	if n := strings.Count(out, "    --- FAIL: "); n > 0 {
		return fmt.Sprintf("%d fail", n)
	}
	return "fails"
}

const (
	begin = "<!-- mutants: begin; make mutants writes this -->"
	end   = "<!-- mutants: end -->"
)

// write puts the table between the markers of a page.
func write(page string, rows []string) error {
	b, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	text := string(b)
	from, to := strings.Index(text, begin), strings.Index(text, end)
	if from < 0 || to < from {
		return fmt.Errorf("%s has no place for the table: want %q and %q", page, begin, end)
	}
	table := "\n\n| mutant | what it does | random scenarios: law, seed | explorer | stories |\n| --- | --- | --- | --- | --- |\n" +
		strings.Join(rows, "\n") + "\n\n"
	return os.WriteFile(page, []byte(text[:from+len(begin)]+table+text[to:]), 0o644)
}
