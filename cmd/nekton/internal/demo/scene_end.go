package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// leaveTimeout is how long a node waits for its peers to acknowledge that it goes.
const leaveTimeout = 5 * time.Second

func playLeave(ctx context.Context, s *story) (string, error) {
	leaver := s.cluster.member(s.cast.leaver)
	predicted := predictSpread(s.cfg.Intervals, s.cfg.Nodes, 1)
	start := s.now()
	if err := s.leave(ctx, leaver); err != nil {
		return "", err
	}
	acked := s.now()
	s.measure("leave acknowledged", acked-start, predicted)
	if got := leaver.node.GetSelfStatus(); got != types.NODE_STATUS_DOWN {
		return "", fmt.Errorf("%s left and is %v, want %v", leaver.id, got, types.NODE_STATUS_DOWN)
	}
	at, err := s.await(ctx, fmt.Sprintf("everyone knows that %s left, and did not fail", leaver.id), predicted.High+domainCheck(s.cfg.Intervals),
		all(holds(leaver.id, HeldLeft), sees(nil, []types.NodeId{leaver.id}, s.cast.verdict), own(nil, statusUp)))
	if err != nil {
		return "", err
	}
	s.measure("known to all", at-start, predicted)
	return fmt.Sprintf("%s left, acknowledged after %s; nobody suspected it", leaver.id, Seconds(acked-start)), nil
}

// leave lets a node leave in peace.
func (s *story) leave(ctx context.Context, m *member) error {
	err := s.during(ctx, fmt.Sprintf("%s leaves", m.id), leaveTimeout, func(context.Context) error {
		return m.node.Stop(leaveTimeout)
	})
	m.phase = PhaseLeft
	if err != nil {
		return fmt.Errorf("%s could not leave: %w", m.id, err)
	}
	return nil
}

func playStop(ctx context.Context, s *story) (string, error) {
	before := nodeGoroutines()
	start := s.now()
	var ports []string
	for _, m := range s.cluster.members {
		ports = append(ports, m.addr)
		if m.phase != PhaseRunning {
			continue
		}
		if err := s.leave(ctx, m); err != nil {
			return "", err
		}
		// One at a time: the next counts on acknowledgements of those it holds alive.
		if _, err := s.await(ctx, fmt.Sprintf("everyone who is left knows that %s left", m.id), spread(s.cfg.Intervals, s.cfg.Nodes, 1), holds(m.id, HeldLeft)); err != nil {
			return "", err
		}
	}
	stopped := s.now()
	s.measure("all stopped", stopped-start, Range{High: time.Duration(s.cfg.Nodes) * spread(s.cfg.Intervals, s.cfg.Nodes, 1), Why: "one after the other, each acknowledged, and known to all"})

	// Stop promises that nothing is left when it returns, so nothing is waited for.
	after := nodeGoroutines()
	s.observe("goroutines of nodes: %d before, %d after", before, after)
	if after != 0 {
		return "", fmt.Errorf("%d goroutines are left:\n%s", after, nodeStacks())
	}
	if before == 0 {
		return "", fmt.Errorf("no goroutine was found before the stop, so the count proves nothing")
	}
	for _, addr := range ports {
		if err := isFree(ctx, addr); err != nil {
			return "", fmt.Errorf("%s is still in use: %w", addr, err)
		}
	}
	s.observe("all %d ports are free again, for UDP and TCP", len(ports))
	return fmt.Sprintf("%d goroutines of nodes before, none after; all ports are free", before), nil
}
