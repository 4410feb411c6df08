package explore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrTooMany is returned when more is on its way at one time than a path can name.
// Bound Late or Deliveries.
var ErrTooMany = errors.New("explore: more than 256 packets are on their way")

// errNoStart is returned when the nodes do not come together undisturbed.
var errNoStart = errors.New("explore: with these rules, undisturbed nodes do not come to know each other")

// A Result is what an exploration has found.
type Result struct {
	// States is how many states of the cluster were reached; Transitions, how many
	// moves lead from one to another; Depth, how many moves the longest of the shortest
	// ways takes.
	States, Transitions, Depth int
	// Ends is how many states nothing can follow.
	Ends int
	// Complete says that there is nothing else to reach.
	Complete bool
	// Calm is how many states were checked for what becomes of them in calm.
	Calm int
	// NodeStates is how many different states single nodes were in, and Calls how
	// often a core was called to find out.
	NodeStates, Calls int
	// Violation is the first invariant found not to hold, by a way that no other is
	// shorter than; nil: all held.
	Violation *Violation
}

// A Violation is a way to a state in which an invariant does not hold.
type Violation struct {
	Fault
	// Path names the way, for [Replay].
	Path string
	// Steps is how many moves it takes.
	Steps int
}

// Progress is how far an exploration has come.
type Progress struct {
	States, Transitions, Depth int
	// Frontier is how many states of this depth there are, and Done how many of them
	// have been left behind.
	Frontier, Done int
}

// progressEvery is how many states lie between two reports of progress.
const progressEvery = 1 << 12

// Run explores everything that cfg allows, breadth first, and ends at the first
// violation. What it finds depends on cfg alone. progress, if not nil, is called now
// and then, on the same goroutine. The error is that of the context, or says what is
// wrong with the configuration; what was found until then is returned with it.
//
// Memory grows with the states found, by about 40 bytes each, and with the states
// that single nodes can be in, by about 10 KiB each.
func Run(ctx context.Context, cfg Config, progress func(Progress)) (Result, error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return Result{}, fmt.Errorf("explore: %w", err)
	}
	m, err := newMachine(cfg)
	if err != nil {
		return Result{}, err
	}
	root, err := m.root()
	if err != nil {
		return Result{}, err
	}
	s := &search{m: m, seen: newVisited(), progress: progress}
	err = s.run(ctx, root)
	s.NodeStates, s.Calls = len(m.snaps)-1, m.calls
	return s.Result, err
}

// A search is a breadth-first exploration.
type search struct {
	Result
	m        *machine
	seen     *visited
	progress func(Progress)

	// parents and actions say how each state was first reached, states being numbered
	// as they are found.
	parents, actions []uint32
	// next holds the states found one move further, encoded.
	next  []uint32
	found int // states in next

	words []uint32
	bytes []byte
}

func (s *search) run(ctx context.Context, root *state) error {
	if f := s.note(root, 0, 0); f != nil {
		s.Violation = &Violation{Fault: *f}
		return nil
	}
	st := &state{}
	for first := 0; s.found > 0 && s.Violation == nil; {
		level, count := s.next, s.found
		s.next, s.found = nil, 0
		for i := range count {
			if i%progressEvery == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				if s.progress != nil {
					s.progress(Progress{s.States, s.Transitions, s.Depth, count, i})
				}
			}
			level = st.readWords(level)
			if len(st.items) > maxItems {
				return ErrTooMany
			}
			moves := s.Transitions
			s.m.moves(st, func(mv *move) { s.follow(mv, uint32(first+i)) })
			if s.Transitions == moves {
				s.Ends++
			}
			if s.Violation != nil || s.States >= s.m.cfg.MaxStates {
				return nil
			}
		}
		first += count
		if s.found > 0 {
			s.Depth++
		}
	}
	s.Complete = s.Violation == nil
	return nil
}

// follow takes one move.
func (s *search) follow(mv *move, from uint32) {
	if s.Violation != nil {
		return
	}
	s.Transitions++
	if mv.fault != nil {
		s.violate(mv.fault, from, mv.action)
		return
	}
	if f := s.note(&mv.to, from, mv.action.pack()); f != nil {
		s.violate(f, from, mv.action)
	}
}

// note keeps a state if it is new, and checks it.
func (s *search) note(st *state, from uint32, by uint32) *Fault {
	s.words = st.appendWords(s.words[:0])
	var hash [2]uint64
	hash, s.bytes = hashWords(s.words, s.bytes)
	if !s.seen.add(hash) {
		return nil
	}
	s.States++
	s.parents, s.actions = append(s.parents, from), append(s.actions, by)
	s.next = append(s.next, s.words...)
	s.found++
	if f := s.m.checkState(st); f != nil {
		return f
	}
	if n := s.m.cfg.CalmEvery; n > 0 && hash[1]%uint64(n) == 0 {
		s.Calm++
		return s.m.calm(st)
	}
	return nil
}

// violate keeps the way to a violation.
func (s *search) violate(f *Fault, from uint32, last action) {
	path := []string{last.String()}
	for i := from; i != 0; i = s.parents[i] {
		path = append(path, unpack(s.actions[i]).String())
	}
	slices.Reverse(path)
	s.Violation = &Violation{Fault: *f, Path: strings.Join(path, "-"), Steps: len(path)}
}
