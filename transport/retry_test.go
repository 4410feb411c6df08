package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestAStreakOfFailuresIsRetriedFreelyAndThenEverMoreSlowly(t *testing.T) {
	var s streak
	for i := range freeRetries {
		if pause := s.next(); pause != 0 {
			t.Fatalf("failure %d earns a pause of %v", i+1, pause)
		}
	}
	want := minPause
	for range 20 {
		if pause := s.next(); pause != want {
			t.Fatalf("failure %d earns a pause of %v, want %v", s.failures, pause, want)
		}
		want = min(2*want, maxPause)
	}
}

func TestClosingEndsAPauseAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := streak{failures: freeRetries, pause: maxPause}
		closed := make(chan struct{})
		begin := time.Now()
		if !s.waitOut(closed) || time.Since(begin) != maxPause {
			t.Errorf("a pause of %v ended after %v", maxPause, time.Since(begin))
		}
		time.AfterFunc(time.Millisecond, func() { close(closed) })
		begin = time.Now()
		if s.waitOut(closed) || time.Since(begin) != time.Millisecond {
			t.Errorf("closing ended the pause after %v", time.Since(begin))
		}
		s = streak{}
		if s.waitOut(closed) {
			t.Error("there is nothing to retry on what is closed")
		}
	})
}
