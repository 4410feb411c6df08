package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// Five minutes of memberlist's default pace, in virtual time: every node of both kinds
// lists every other, and nobody is suspected, in any framing, from 3+3 to 20+20. Each
// kind is the seed in turn; NEKTON_LONG=1 runs every size with both.
func TestNobodyIsSuspectedInFiveMinutes(t *testing.T) {
	for i, m := range modes() {
		for j, size := range []int{3, 10, 20} {
			for _, oursFirst := range []bool{true, false} {
				if !long() && oursFirst != ((i+j)%2 == 0) {
					continue
				}
				t.Run(fmt.Sprintf("%s/%d+%d/ours first %v", m.name, size, size, oursFirst), func(t *testing.T) {
					t.Parallel()
					inMemory(t, peer.LAN(), func(w *world) {
						w.use(m)
						w.grow(size, oursFirst)
						w.rest(5 * time.Minute)
						w.meet()
						w.calm()
						w.complaints()
					})
				})
			}
		}
	}
}

// On sockets the time is real, so it is short unless NEKTON_LONG=1 asks for five minutes.
func TestBothKindsLiveTogetherOnLoopback(t *testing.T) {
	d := 8 * time.Second
	if long() {
		d = 5 * time.Minute
	}
	for i, m := range modes() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			onLoopback(t, peer.LAN(), func(w *world) {
				w.use(m)
				w.grow(3, i%2 == 0)
				w.rest(d)
				w.meet()
				w.calm()
			})
		})
	}
}

func TestFortyNodesLiveTogetherOnLoopback(t *testing.T) {
	if !long() {
		t.Skip("takes five minutes; NEKTON_LONG=1 runs it")
	}
	onLoopback(t, peer.LAN(), func(w *world) {
		w.grow(20, true)
		w.rest(5 * time.Minute)
		w.meet()
		w.calm()
	})
}
