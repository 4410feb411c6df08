package node

import "time"

// HandleSuspicionTimeout does, of all that HandleTimeout does, only what needs
// nothing sent: suspicions that ran out become deaths, and what follows from them for
// quorum follows. It is for owners whose sending is blocked; see
// [swim.Core.HandleSuspicionTimeout]. What a death makes quorum ask waits among the
// packets until they are taken.
func (n *Node) HandleSuspicionTimeout(now time.Duration) {
	if n.core != nil {
		n.rider.now = now
		n.core.SetWall(now, n.Wall(now))
		n.core.HandleSuspicionTimeout(now)
		n.settle(now)
	}
}

// NextSuspicion is when HandleSuspicionTimeout wants to be called next; ok is false
// when nobody is suspected.
func (n *Node) NextSuspicion() (at time.Duration, ok bool) {
	if n.core == nil {
		return 0, false
	}
	return n.core.NextSuspicion()
}
