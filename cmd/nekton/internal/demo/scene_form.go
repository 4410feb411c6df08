package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// scenes is the story in its order.
func (s *story) scenes() []scene {
	n := s.cfg.Nodes
	c := s.cast
	return []scene{
		{Step{"form", fmt.Sprintf("start %d nodes; each must see all others UP, and itself in quorum", n), true}, playForm},
		{Step{"publish", "every node publishes values; every node must read all of them, and one update is timed", false}, playPublish},
		{Step{"detect", fmt.Sprintf("kill %s without a word; the others must find out, and agree", c.victim), true}, playDetect},
		{Step{"lose-quorum", fmt.Sprintf("kill all of domain b as well (%s); who is left must be SUSPECT_NOT_IN_QUORUM", list(c.others)), true}, playLoseQuorum},
		{Step{"timeout", fmt.Sprintf("nobody returns for %v; who is left must be NOT_IN_QUORUM", s.cfg.Intervals.QuorumTimeout), false}, playTimeout},
		{Step{"heal", "restart all that were killed, with a higher generation, elsewhere; all must be UP again", true}, playHeal},
		{Step{"deactivate", "domain b is declared inactive; its nodes must leave the quorum, and nobody else", true}, playDeactivate},
		{Step{"reactivate", "domain b is active again; all must be UP", false}, playReactivate},
		{Step{"leave", fmt.Sprintf("%s leaves in peace; the others must acknowledge, and not call it a failure", c.leaver), true}, playLeave},
		{Step{"stop", "stop everything; no goroutine and no socket of any node may be left", false}, playStop},
	}
}

// joinLimit is how long a node may take to join through seeds that live.
const joinLimit = 5 * time.Second

func playForm(ctx context.Context, s *story) (string, error) {
	start := s.now()
	for _, m := range s.cluster.members {
		if err := s.start(ctx, m, 1); err != nil {
			return "", err
		}
		s.observe("%s of domain %s listens on %s", m.id, m.domain, m.addr)
	}
	s.cluster.introduce()
	introduced := s.now()
	predicted := predictSpread(s.cfg.Intervals, s.cfg.Nodes, s.cfg.Nodes)
	at, err := s.await(ctx, "everyone UP, and in quorum, at everyone", predicted.High, s.healthy())
	if err != nil {
		return "", err
	}
	s.measure("one view after the last join", at-introduced, predicted)
	return fmt.Sprintf("%d nodes are one cluster, %s after the first start", s.cfg.Nodes, Seconds(at-start)), nil
}

// healthy: every node of the plan runs, sees every other UP, and is UP itself.
func (s *story) healthy() condition {
	return all(isRunning(nil), sees(nil, nil, types.NODE_STATUS_UP), own(nil, types.NODE_STATUS_UP))
}

// start starts one node, with every node that runs as a seed.
func (s *story) start(ctx context.Context, m *member, generation uint64) error {
	node, config := s.cluster.prepare(m, generation)
	err := s.during(ctx, fmt.Sprintf("%s joins", m.id), joinLimit, func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, joinLimit)
		defer cancel()
		return start(ctx, node, config)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", m.id, err)
	}
	m.begin(node, generation)
	return nil
}
