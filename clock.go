package nekton

import (
	"math"
	"time"
)

// A Clock tells a node the time. The default is the system's; inside a
// testing/synctest bubble that is the bubble's. Methods may be called
// concurrently, and must not call the node.
type Clock interface {
	// Now returns monotonic time since an origin that stays the same for the life
	// of the clock, and the wall clock, which may jump. Only boot numbers and
	// LastUpdateTs come from the wall clock.
	Now() (now time.Duration, wall time.Time)
	// Elapsed returns the first of what Now does. It is asked with every packet, and
	// most systems tell it in half the time.
	Elapsed() time.Duration
	// NewTimer returns a timer that sends on its channel after d.
	NewTimer(d time.Duration) Timer
}

// A Timer sends on C once, d after NewTimer or the latest Reset, like a
// [time.Timer], and is set anew while somebody waits for it. A tick too many does no
// harm.
type Timer interface {
	C() <-chan time.Time
	Reset(d time.Duration)
	Stop()
}

// never is later than every deadline.
const never = time.Duration(math.MaxInt64)

// systemClock is the clock of the machine.
type systemClock struct{ origin time.Time }

func newSystemClock() Clock { return systemClock{time.Now()} }

func (c systemClock) Now() (time.Duration, time.Time) {
	wall := time.Now()
	return wall.Sub(c.origin), wall
}

func (c systemClock) Elapsed() time.Duration { return time.Since(c.origin) }

func (systemClock) NewTimer(d time.Duration) Timer { return systemTimer{time.NewTimer(d)} }

type systemTimer struct{ t *time.Timer }

func (t systemTimer) C() <-chan time.Time   { return t.t.C }
func (t systemTimer) Reset(d time.Duration) { t.t.Reset(d) }
func (t systemTimer) Stop()                 { t.t.Stop() }
