package virtual_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

const pushPull = swim.DialPushPull

func TestWhatReachesAPausedProcessWaitsAndItsTimersAreLate(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].every(time.Second)
	w.Run(1500 * time.Millisecond)
	b[1].host.PauseFor(5 * time.Second)
	for _, what := range []string{"one", "two", "three"} {
		b[0].say(b[1], what)
		w.Run(time.Second)
	}
	if got := b[1].said(); !slices.Equal(got, []string{"tick"}) {
		t.Fatalf("while it was paused: %q", got)
	}
	w.Run(2100 * time.Millisecond)
	got := b[1].said()[1:]
	ticks, words := 0, []string{}
	for _, what := range got {
		if what == "tick" {
			ticks++
		} else {
			words = append(words, what)
		}
	}
	if ticks != 5 || !slices.Equal(words, []string{"1: one", "1: two", "1: three"}) {
		t.Errorf("after the pause: %q", got)
	}
	if b[1].late < 4*time.Second {
		t.Errorf("its worst tick was %v late", b[1].late)
	}
}

func TestThePauseLetsTimersOrSocketsComeFirstByChance(t *testing.T) {
	first := map[string]int{}
	for seed := range uint64(40) {
		w, b := aviary(t, seed, 2)
		b[1].every(time.Second)
		b[1].host.PauseFor(3 * time.Second)
		b[0].say(b[1], "x")
		w.Run(2 * time.Second)
		w.Run(1001 * time.Millisecond)
		first[b[1].said()[0]]++
	}
	if first["tick"] < 10 || first["1: x"] < 10 {
		t.Errorf("first came %v", first)
	}
}

func TestTheSocketOfAPausedProcessIsBounded(t *testing.T) {
	w, b := aviary(t, 1, 2)
	w.Net.ReceiveBuffer = 1000
	b[1].host.Pause()
	for range 30 {
		b[0].say(b[1], string(make([]byte, 100)))
	}
	w.Run(time.Second)
	b[1].host.Resume()
	w.Run(time.Second)
	tr := b[1].host.Traffic
	if len(b[1].log) != 10 || tr.PacketsDroppedWhileFrozen != 20 || tr.InboxPeak != 1000 {
		t.Errorf("%d arrived, traffic %+v", len(b[1].log), tr)
	}
}

func TestAHeldProcessRunsAndIsNotHeard(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].chatty, b[1].friend = true, b[0].host.Addr()
	b[1].every(time.Second)
	b[1].host.Hold(virtual.HoldRun)
	b[0].say(b[1], "x")
	w.Run(3500 * time.Millisecond)
	if got := b[1].said(); !slices.Equal(got, []string{"tick", "tick", "tick"}) {
		t.Errorf("it did not run: %q", got)
	}
	if len(b[0].log) != 0 {
		t.Errorf("it was heard: %q", b[0].said())
	}
	b[1].host.Hold(virtual.HoldNothing)
	w.Run(10 * time.Millisecond)
	if len(b[0].log) != 3 || b[1].said()[3] != "1: x" {
		t.Errorf("what was held is not let go: %q, %q", b[0].said(), b[1].said())
	}
}

func TestAStalledProcessStopsAtItsFirstSendButForItsSuspicions(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].chatty, b[1].friend = true, b[0].host.Addr()
	b[1].every(time.Second)
	b[1].host.Hold(virtual.HoldStall)
	b[1].judge = 2500 * time.Millisecond
	w.Run(5500 * time.Millisecond)
	if got := b[1].said(); !slices.Equal(got, []string{"tick", "judged"}) {
		t.Errorf("while it was held: %q", got)
	}
	if at := b[1].log[1].at; at != 2500*time.Millisecond {
		t.Errorf("judged at %v", at)
	}
	b[1].host.Hold(virtual.HoldNothing)
	w.Run(10 * time.Millisecond)
	if len(b[0].log) != 5 {
		t.Errorf("heard of it: %q", b[0].said())
	}
}

func TestAStarvedProcessRunsInSlices(t *testing.T) {
	w, b := aviary(t, 1, 1)
	b[0].every(100 * time.Millisecond)
	stop := b[0].host.Starve(10*time.Millisecond, virtual.Uniform{Min: 500 * time.Millisecond, Max: 1500 * time.Millisecond})
	w.Run(time.Minute)
	if b[0].late < 800*time.Millisecond || b[0].late > 1500*time.Millisecond {
		t.Errorf("its worst tick was %v late", b[0].late)
	}
	stop()
	w.Run(2 * time.Second)
	b[0].late = 0
	w.Run(time.Minute)
	if b[0].late != 0 {
		t.Errorf("after the end it is still late, by %v", b[0].late)
	}
}

func TestASlowProcessTakesOneInputAfterAnother(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].host.Slow = virtual.Constant(100 * time.Millisecond)
	for range 5 {
		b[0].say(b[1], "x")
	}
	w.Run(time.Second)
	for i, n := range b[1].log {
		if want := time.Millisecond + time.Duration(i)*100*time.Millisecond; n.at != want {
			t.Errorf("input %d at %v, want %v", i, n.at, want)
		}
	}
	if len(b[1].log) != 5 {
		t.Errorf("%d inputs", len(b[1].log))
	}
}

func TestASlowProcessThatIsHeldAgainGoesOnWhereItStopped(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].host.Slow = virtual.Constant(100 * time.Millisecond)
	b[1].host.Hold(virtual.HoldRun)
	for _, what := range []string{"one", "two", "three", "four"} {
		b[0].say(b[1], what)
	}
	w.Run(10 * time.Second)
	b[1].host.Hold(virtual.HoldNothing)
	w.Run(150 * time.Millisecond)
	b[1].host.Hold(virtual.HoldRun)
	w.Run(10 * time.Second)
	if got := b[1].said(); !slices.Equal(got, []string{"1: one", "1: two"}) {
		t.Errorf("in 150 ms it has heard %q", got)
	}
	b[1].host.Hold(virtual.HoldNothing)
	b[0].say(b[1], "five")
	w.Run(time.Second)
	if got := b[1].said(); !slices.Equal(got[2:], []string{"1: three", "1: four", "1: five"}) {
		t.Errorf("and then %q", got[2:])
	}
}

func TestADeadProcessHearsNothingMore(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].every(time.Second)
	b[0].say(b[1], "on its way")
	b[1].host.Crash()
	b[1].host.Do(func(time.Duration) { t.Error("it does something") })
	w.Run(time.Minute)
	if len(b[1].log) != 0 || !b[1].host.Gone() {
		t.Errorf("it has heard %q", b[1].said())
	}
}

func TestAHoldThatEndsDuringAPauseLetsGoWhenThePauseEnds(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[0].host.Hold(virtual.HoldRun)
	b[0].say(b[1], "x")
	w.Run(time.Second)
	b[0].host.Pause()
	b[0].host.Hold(virtual.HoldNothing)
	w.Run(time.Second)
	if got := b[1].said(); len(got) != 0 {
		t.Errorf("during the pause: %q", got)
	}
	b[0].host.Resume()
	w.Run(time.Second)
	if got := b[1].said(); !slices.Equal(got, []string{"1: x"}) {
		t.Errorf("after it: %q", got)
	}
}
