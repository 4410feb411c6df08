package virtual_test

import (
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// fates notes what becomes of the streams of a world.
func fates(w *virtual.World) *[]virtual.Fate {
	var out []virtual.Fate
	w.OnStream = func(_ *virtual.Host, _ netip.AddrPort, _ virtual.Dial, fate virtual.Fate) { out = append(out, fate) }
	return &out
}

func TestAnExchangeGoesBackAndForthUntilItIsDone(t *testing.T) {
	w, b := aviary(t, 1, 2)
	got := fates(w)
	b[0].frames, b[1].frames = 2, 2
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(time.Minute)
	if want := []string{"begin", "frame 2", "last frame"}; !slices.Equal(b[0].said(), want) {
		t.Errorf("dialler: %q", b[0].said())
	}
	if want := []string{"accept from 1", "frame 1", "frame 2"}; !slices.Equal(b[1].said(), want) {
		t.Errorf("listener: %q", b[1].said())
	}
	// Two trips to shake hands, one for each of four frames.
	if at := b[0].log[2].at; at != 6*time.Millisecond {
		t.Errorf("done after %v", at)
	}
	if !slices.Equal(*got, []virtual.Fate{virtual.Carried}) || b[0].host.Streams()+b[1].host.Streams() != 0 {
		t.Errorf("fates %v", *got)
	}
	if tr := b[0].host.Traffic; tr.StreamsOpened != 1 || tr.StreamsFailed != 0 || tr.StreamBytesOut == 0 || tr.StreamBytesIn == 0 {
		t.Errorf("traffic %+v", tr)
	}
}

func TestWhereNobodyListensAStreamIsRefusedAtOnce(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].host.Crash()
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(time.Second)
	if len(b[0].log) != 1 || b[0].log[0].at != 2*time.Millisecond || !strings.Contains(b[0].said()[0], "refused") {
		t.Errorf("%v", b[0].log)
	}
}

func TestWhereNoMachineIsAStreamTimesOut(t *testing.T) {
	for _, kind := range []swim.DialKind{pushPull, swim.DialPing} {
		w, b := aviary(t, 1, 2)
		want := w.Net.StreamTimeout
		if kind == swim.DialPing {
			want = w.Net.PingTimeout
		}
		b[1].host.Vanish()
		b[0].call(b[1].host.Addr(), kind)
		w.Run(time.Minute)
		if len(b[0].log) != 1 || b[0].log[0].at != want || !strings.Contains(b[0].said()[0], "timed out") {
			t.Errorf("%v: %v, want after %v", kind, b[0].log, want)
		}
	}
}

func TestALostSegmentDelaysAStreamAndDoesNotBreakIt(t *testing.T) {
	w, b := aviary(t, 1, 2)
	cut := w.Cut([]*virtual.Host{b[1].host}, []*virtual.Host{b[0].host})
	w.After(1500*time.Millisecond, cut.Heal)
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(10 * time.Second)
	// The handshake is tried at 0, 1 and 3 s.
	if len(b[0].log) == 0 || b[0].log[0].at != 3002*time.Millisecond {
		t.Errorf("%v", b[0].log)
	}
}

func TestLossMakesStreamsSlowOrBreaksThemAndLosslessOnesNot(t *testing.T) {
	try := func(lossless bool) (slow, broken int) {
		for seed := range uint64(200) {
			w, b := aviary(t, seed, 2)
			w.Net.Link.Loss, w.Net.LosslessStreams = 0.3, lossless
			b[0].frames, b[1].frames = 1, 1
			b[0].call(b[1].host.Addr(), pushPull)
			w.Run(time.Minute)
			end := b[0].log[len(b[0].log)-1]
			switch {
			case end.what != "last frame":
				broken++
			case end.at > 100*time.Millisecond:
				slow++
			}
		}
		return slow, broken
	}
	if slow, broken := try(false); slow < 50 || broken > 40 {
		t.Errorf("at 30 %% loss: %d slow, %d broken of 200", slow, broken)
	}
	if slow, broken := try(true); slow+broken != 0 {
		t.Errorf("lossless: %d slow, %d broken", slow, broken)
	}
}

func TestAStreamToAPausedProcessIsTakenAndWaits(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[1].host.PauseFor(4 * time.Second)
	b[0].frames, b[1].frames = 1, 1
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(9 * time.Second)
	if end := b[0].log[len(b[0].log)-1]; end.what != "last frame" || end.at < 4*time.Second {
		t.Errorf("%v", b[0].log)
	}
	// A pause that is longer than the timeout breaks it, on both sides.
	b[1].host.PauseFor(time.Minute)
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(2 * time.Minute)
	if end := b[0].said()[len(b[0].said())-1]; !strings.Contains(end, "timed out") {
		t.Errorf("dialler: %q", b[0].said())
	}
	// What is over by the time that the process looks is not taken any more: nobody
	// would ever end it.
	if got := b[1].said(); len(got) != 2 {
		t.Errorf("listener: %q", got)
	}
}

func TestACrashResetsItsStreamsAndAVanishedMachineLeavesThemToTheirTimeout(t *testing.T) {
	for _, silent := range []bool{false, true} {
		w, b := aviary(t, 1, 2)
		w.Net.Link.Delay = virtual.Constant(100 * time.Millisecond)
		b[0].frames, b[1].frames = 99, 99
		b[0].call(b[1].host.Addr(), pushPull)
		w.Run(time.Second)
		if silent {
			b[1].host.Vanish()
		} else {
			b[1].host.Crash()
		}
		w.Run(time.Minute)
		end := b[0].log[len(b[0].log)-1]
		if silent && (!strings.Contains(end.what, "timed out") || end.at != 10*time.Second) {
			t.Errorf("vanished: %v", end)
		}
		if !silent && (!strings.Contains(end.what, "reset") || end.at != 1100*time.Millisecond) {
			t.Errorf("crashed: %v", end)
		}
		if b[0].host.Streams() != 0 {
			t.Error("the stream is still there")
		}
	}
}

func TestOneStreamTooManyIsClosedAtOnce(t *testing.T) {
	w, b := aviary(t, 1, 4)
	w.Net.MaxIncoming = 2
	for _, p := range b {
		p.frames = 50
	}
	for _, p := range b[1:] {
		p.call(b[0].host.Addr(), pushPull)
	}
	w.Run(50 * time.Millisecond)
	if got := b[3].said(); len(got) != 1 || !strings.Contains(got[0], "closed by the peer") {
		t.Errorf("the third: %q", got)
	}
	w.Run(time.Second)
	b[3].call(b[0].host.Addr(), pushPull)
	w.Run(time.Second)
	if got := b[3].said(); got[len(got)-1] != "last frame" {
		t.Errorf("when the others are done: %q", got)
	}
}
