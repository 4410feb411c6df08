package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

func playDeactivate(ctx context.Context, s *story) (string, error) {
	in, inB := s.cfg.Intervals, s.cast.others
	if err := s.cluster.activate(domainB, false); err != nil {
		return "", err
	}
	s.observe("every node is told: domain b is inactive")
	var rest []types.NodeId
	for _, m := range s.cluster.members {
		if m.domain != domainB {
			rest = append(rest, m.id)
		}
	}
	// The others stay UP, now counting their own domains only, and go on seeing
	// domain b: its nodes are members, they just do not count.
	undisturbed := all(own(rest, statusUp), sees(rest, nil, statusUp))
	s.course = course{}
	if _, err := s.await(ctx, fmt.Sprintf("%s SUSPECT_NOT_IN_QUORUM", list(inB)), in.QuorumTimeout, all(s.course.passed(inB, statusSuspect), undisturbed)); err != nil {
		return "", err
	}
	if _, err := s.await(ctx, fmt.Sprintf("%s NOT_IN_QUORUM", list(inB)), in.QuorumTimeout, all(s.course.passed(inB, statusNot), own(inB, statusNot), undisturbed)); err != nil {
		return "", err
	}
	took := s.course.longest(inB, statusSuspect, statusNot)
	s.measure("time in SUSPECT_NOT_IN_QUORUM", took, predictQuorumTimeout(in))
	return fmt.Sprintf("%s left the quorum after %s; %s stayed UP with %d of %d", list(inB), Seconds(took), list(rest), len(rest), len(rest)), nil
}

func playReactivate(ctx context.Context, s *story) (string, error) {
	start := s.now()
	if err := s.cluster.activate(domainB, true); err != nil {
		return "", err
	}
	s.observe("every node is told: domain b is active")
	at, err := s.await(ctx, "everyone UP at everyone", 0, s.healthy())
	if err != nil {
		return "", err
	}
	s.measure("back in quorum", at-start, Range{High: 50 * time.Millisecond, Why: "it is one event at each node, no message"})
	return fmt.Sprintf("%s are back in quorum at once", list(s.cast.others)), nil
}
