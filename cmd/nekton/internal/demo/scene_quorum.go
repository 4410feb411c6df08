package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

const (
	statusUp      = types.NODE_STATUS_UP
	statusSuspect = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	statusNot     = types.NODE_STATUS_NOT_IN_QUORUM
)

// A course is when the own status of each node was first seen to be what. The nil
// course notes nothing.
type course map[types.NodeId]map[types.NodeStatus]time.Duration

// note adds what a picture shows.
func (c course) note(s *Snapshot) {
	if c == nil {
		return
	}
	for _, i := range s.running() {
		n := &s.Nodes[i]
		if c[n.ID] == nil {
			c[n.ID] = map[types.NodeStatus]time.Duration{}
		}
		if _, ok := c[n.ID][n.Own]; !ok {
			c[n.ID][n.Own] = s.At
		}
	}
}

// passed: every one of nodes has been seen in the status, now or before. A status
// may be over at one node before it begins at another.
func (c course) passed(nodes []types.NodeId, want types.NodeStatus) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, i := range s.running() {
			n := &s.Nodes[i]
			if _, ok := c[n.ID][want]; !ok && among(nodes, n.ID) {
				seen = append(seen, fmt.Sprintf("%s is %s", n.ID, Short(n.Own)))
			}
		}
		return enumerate(seen)
	}
}

// longest is the longest time that any of nodes took from one status to another.
func (c course) longest(nodes []types.NodeId, from, to types.NodeStatus) time.Duration {
	var d time.Duration
	for _, id := range nodes {
		d = max(d, c[id][to]-c[id][from])
	}
	return d
}

func playLoseQuorum(ctx context.Context, s *story) (string, error) {
	in, c := s.cfg.Intervals, s.cast
	n, dead := s.cfg.Nodes, len(c.others)
	predicted := predictDetection(in, n-1, dead)
	predicted.High += domainCheck(in)
	predicted.Why += fmt.Sprintf("; asking the domain %v", domainCheck(in))

	killed := s.now()
	for _, id := range c.others {
		if err := s.cluster.kill(s.cluster.member(id)); err != nil {
			return "", err
		}
	}
	survivors := s.cluster.running()
	s.observe("%s killed: %d of %d are left, %d would be a majority", list(c.others), len(survivors), n, majority(n))

	s.course = course{}
	at, err := s.await(ctx, fmt.Sprintf("%s SUSPECT_NOT_IN_QUORUM", list(survivors)), predicted.High, s.course.passed(survivors, statusSuspect))
	if err != nil {
		return "", err
	}
	s.measure("quorum lost everywhere", at-killed, predicted)
	if _, err := s.await(ctx, fmt.Sprintf("all of domain b SUSPECT_DOWN at %s", list(survivors)), spread(in, n, 1),
		sees(nil, c.others, types.NODE_STATUS_SUSPECT_DOWN)); err != nil {
		return "", err
	}
	s.observe("nobody in domain b answers: it may be cut off, so its nodes are SUSPECT_DOWN, not DOWN")
	return fmt.Sprintf("%s lost the quorum %s after the crash, and hope", list(survivors), Seconds(at-killed)), nil
}

func playTimeout(ctx context.Context, s *story) (string, error) {
	survivors := s.cluster.running()
	if _, err := s.await(ctx, fmt.Sprintf("%s NOT_IN_QUORUM", list(survivors)), s.cfg.Intervals.QuorumTimeout, s.course.passed(survivors, statusNot)); err != nil {
		return "", err
	}
	took := s.course.longest(survivors, statusSuspect, statusNot)
	s.measure("time in SUSPECT_NOT_IN_QUORUM", took, predictQuorumTimeout(s.cfg.Intervals))
	return fmt.Sprintf("%s gave up hope after %s, and must not act for the cluster", list(survivors), Seconds(took)), nil
}
