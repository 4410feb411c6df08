package demo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// Resolution is the time between two looks at the cluster. Nothing is measured more
// precisely than this.
const Resolution = 2 * time.Millisecond

// A story is one run of the demo. It is told by one goroutine: it acts on the
// cluster, looks at it until what has to follow is seen, and tells the view. What
// has to be waited for is a condition on snapshots, so that nothing is believed
// that was not seen.
type story struct {
	cfg     Config
	cast    cast
	cluster *cluster
	view    View
	began   time.Time
	last    *Snapshot
	// values are what each node has published last.
	values map[types.NodeId]types.StoreMap
	// course is what became of the own statuses since the step that set it.
	course course
}

// A scene is a step that can be played. It returns one sentence of summary.
type scene struct {
	Step
	play func(context.Context, *story) (string, error)
}

// Run starts a cluster on loopback, tells the story, and returns nil if every
// step of it was observed. Else the error is a *StepError, or wraps the cause of
// ctx if that ended first. Whatever the outcome, every node has been stopped when
// Run returns.
func Run(ctx context.Context, cfg Config, view View) error {
	plan := seats(cfg.Nodes)
	s := &story{
		cfg: cfg, cast: castOf(plan), cluster: newCluster(cfg, plan), view: view, began: time.Now(),
		values: map[types.NodeId]types.StoreMap{},
	}
	return s.tell(ctx, s.scenes())
}

// tell plays the scenes in order, until one fails.
func (s *story) tell(ctx context.Context, scenes []scene) (err error) {
	defer s.cluster.close()
	opening := Opening{Config: s.cfg}
	for _, m := range s.cluster.members {
		opening.Nodes = append(opening.Nodes, m.id)
	}
	for _, sc := range scenes {
		opening.Steps = append(opening.Steps, sc.Step)
	}
	s.view.Open(opening)
	defer func() { s.view.Close(Ending{Took: s.now(), Err: err}) }()

	for i, sc := range scenes {
		start := s.now()
		s.view.Begin(start, i)
		summary, err := sc.play(ctx, s)
		if err != nil {
			err = s.blame(ctx, i, sc.Step, err)
		}
		s.look()
		s.view.Finish(s.now(), Outcome{Step: i, Took: s.now() - start, Summary: summary, Err: err})
		if err != nil {
			return err
		}
		if i < len(scenes)-1 {
			if err := s.rest(ctx); err != nil {
				return s.blame(ctx, i+1, scenes[i+1].Step, err)
			}
		}
	}
	return nil
}

// blame names the step in which an error ended the story.
func (s *story) blame(ctx context.Context, i int, step Step, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("interrupted in step %d, %s: %w", i+1, step.Name, context.Cause(ctx))
	}
	var missed *missedError
	if errors.As(err, &missed) {
		return &StepError{Step: step.Name, Number: i + 1, Want: missed.want, Within: missed.within, Seen: missed.seen}
	}
	return &StepError{Step: step.Name, Number: i + 1, Err: err}
}

// missedError: a condition did not come true in time.
type missedError struct {
	want, seen string
	within     time.Duration
}

func (e *missedError) Error() string {
	return fmt.Sprintf("no %s within %v: %s", e.want, e.within, e.seen)
}

// now is the time since the story began.
func (s *story) now() time.Duration { return time.Since(s.began) }

// observe tells something that happened.
func (s *story) observe(text string, args ...any) {
	s.view.Observe(s.now(), fmt.Sprintf(text, args...))
}

// measure tells how long something took, beside what was predicted.
func (s *story) measure(name string, took time.Duration, predicted Range) {
	s.view.Measure(s.now(), Measurement{Name: name, Took: took, Predicted: predicted})
}

// look takes a fresh picture, tells what changed since the one before, and shows it.
func (s *story) look() *Snapshot {
	next := s.cluster.snapshot(s.now())
	for _, change := range changes(s.last, next) {
		s.view.Observe(next.At, change)
	}
	s.course.note(next)
	s.last = next
	s.view.Look(next)
	return next
}

// await looks until the condition holds, and returns the time at which it was
// seen. It fails when ctx ends, and so much later than predicted that the prediction
// is wrong or something else is.
func (s *story) await(ctx context.Context, want string, predicted time.Duration, holds condition) (time.Duration, error) {
	since := s.now()
	limit := 3*predicted + s.cfg.Patience
	s.view.Expect(Expectation{Since: since, Predicted: since + predicted, Deadline: since + limit, What: want})
	ticker := time.NewTicker(Resolution)
	defer ticker.Stop()
	for {
		picture := s.look()
		seen := holds(picture)
		if seen == "" {
			return picture.At, nil
		}
		if picture.At-since > limit {
			return picture.At, &missedError{want: want, seen: seen, within: limit}
		}
		select {
		case <-ctx.Done():
			return picture.At, context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// keeps looks for as long as the condition has to hold without a break.
func (s *story) keeps(ctx context.Context, want string, span time.Duration, holds condition) error {
	since := s.now()
	s.view.Expect(Expectation{Since: since, Predicted: since + span, Deadline: since + span, What: want})
	ticker := time.NewTicker(Resolution)
	defer ticker.Stop()
	for {
		picture := s.look()
		if seen := holds(picture); seen != "" {
			return fmt.Errorf("it did not last that %s: %s", want, seen)
		}
		if picture.At-since >= span {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-ticker.C:
		}
	}
}

// during runs a call that may block, and keeps looking until it is over. The call
// has to end by itself, also when ctx ends: it is given ctx for that.
func (s *story) during(ctx context.Context, what string, limit time.Duration, call func(context.Context) error) error {
	since := s.now()
	s.view.Expect(Expectation{Since: since, Predicted: since + limit, Deadline: since + limit, What: what})
	done := make(chan error, 1)
	go func() { done <- call(ctx) }()
	ticker := time.NewTicker(Resolution)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			s.look()
		}
	}
}

// rest gives the reader time between two steps.
func (s *story) rest(ctx context.Context) error {
	if s.cfg.Pace == 0 {
		return nil
	}
	return s.keeps(ctx, "nothing is expected", s.cfg.Pace, func(*Snapshot) string { return "" })
}
