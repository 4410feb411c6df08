package transport

import (
	"time"
)

const (
	// freeRetries is how many failures in a row are answered by trying again at
	// once. Errors about one datagram or one peer come singly; a queue of them,
	// such as the resets that Windows reports for packets to closed ports, drains
	// this way without a pause.
	freeRetries = 16
	// minPause and maxPause bound the pause after each further failure, doubling:
	// a lack of file descriptors lasts, and must not cost a processor.
	minPause = time.Millisecond
	maxPause = time.Second
)

// A streak of failures decides how long to wait before trying again.
type streak struct {
	failures int
	pause    time.Duration
}

// next notes a failure and returns the pause that it earns, mostly zero.
func (s *streak) next() time.Duration {
	s.failures++
	if s.failures <= freeRetries {
		return 0
	}
	s.pause = min(max(2*s.pause, minPause), maxPause)
	return s.pause
}

// waitOut notes a failure and waits its pause out. It reports false at once when
// closed is closed: there is nothing left to try.
func (s *streak) waitOut(closed <-chan struct{}) bool {
	pause := s.next()
	if pause == 0 {
		select {
		case <-closed:
			return false
		default:
			return true
		}
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-closed:
		return false
	case <-timer.C:
		return true
	}
}
