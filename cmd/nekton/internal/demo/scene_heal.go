package demo

import (
	"context"
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// secondLife is the generation with which killed nodes come back.
const secondLife = 2

func playHeal(ctx context.Context, s *story) (string, error) {
	in := s.cfg.Intervals
	back := append([]types.NodeId{s.cast.victim}, s.cast.others...)
	start := s.now()
	for _, id := range back {
		m := s.cluster.member(id)
		before := m.addr
		s.values[id] = nil // a new life begins with nothing
		if err := s.start(ctx, m, secondLife); err != nil {
			return "", err
		}
		s.observe("%s is back as generation %d on %s (was %s)", id, secondLife, m.addr, before)
	}
	s.cluster.introduce()
	joined := s.now()

	conditions := []condition{s.healthy(), s.published()}
	for _, id := range back {
		conditions = append(conditions, generation(id, secondLife))
	}
	predicted := predictSpread(in, s.cfg.Nodes, len(back))
	at, err := s.await(ctx, "everyone UP at everyone, by the new generation, without values of the old", predicted.High, all(conditions...))
	if err != nil {
		return "", err
	}
	s.measure("one view after the last join", at-joined, predicted)

	again := s.now()
	for _, id := range back {
		m := s.cluster.member(id)
		if err := s.publish(m, firstValues(m.domain)); err != nil {
			return "", err
		}
	}
	published, err := s.await(ctx, "the values of the new lives, at every node", predicted.High, s.published())
	if err != nil {
		return "", err
	}
	s.measure("their values everywhere", published-again, predicted)
	return fmt.Sprintf("%d nodes are back, and all %d in quorum, %s after the first restart", len(back), s.cfg.Nodes, Seconds(at-start)), nil
}
