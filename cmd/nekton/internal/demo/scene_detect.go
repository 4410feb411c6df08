package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/types"
)

func playDetect(ctx context.Context, s *story) (string, error) {
	in, victim := s.cfg.Intervals, s.cluster.member(s.cast.victim)
	n := s.cfg.Nodes
	detection, dissemination := predictDetection(in, n, 1), predictSpread(in, n-1, 1)

	killed := s.now()
	if err := s.cluster.kill(victim); err != nil {
		return "", err
	}
	s.observe("%s is killed: its sockets close without a word", victim.id)

	suspected, err := s.await(ctx, fmt.Sprintf("somebody suspects %s", victim.id), detection.High, someoneHolds(victim.id, HeldSuspect, HeldDead))
	if err != nil {
		return "", err
	}
	s.measure("first suspicion", suspected-killed, predictSuspicion(in, n, 1))
	known, err := s.await(ctx, fmt.Sprintf("everybody suspects %s", victim.id), dissemination.High, holds(victim.id, HeldSuspect, HeldDead))
	if err != nil {
		return "", err
	}
	s.measure("dissemination of the suspicion", known-suspected, dissemination)

	deaths := predictDeaths(in, n-1)
	detected, err := s.await(ctx, fmt.Sprintf("somebody declares %s dead", victim.id), detection.High, someoneHolds(victim.id, HeldDead))
	if err != nil {
		return "", err
	}
	s.measure("detection", detected-killed, detection)

	agreed, err := s.await(ctx, fmt.Sprintf("everybody holds %s dead", victim.id), deaths.High, holds(victim.id, HeldDead))
	if err != nil {
		return "", err
	}
	s.measure("dissemination of the death", agreed-detected, deaths)

	verdict, why := s.cast.verdict, "another node of its domain answers"
	if verdict == types.NODE_STATUS_SUSPECT_DOWN {
		why = "nobody else is in its domain, which may merely be cut off"
	}
	if _, err := s.await(ctx, fmt.Sprintf("everybody sees %s %s", victim.id, Short(verdict)), domainCheck(in),
		sees(nil, []types.NodeId{victim.id}, verdict)); err != nil {
		return "", err
	}
	s.observe("%s is %s for everyone: %s", victim.id, Short(verdict), why)
	if err := s.keeps(ctx, fmt.Sprintf("%d of %d is a majority: who is left stays UP", n-1, n), in.GossipInterval, own(nil, types.NODE_STATUS_UP)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s was found dead after %s, by all others %s later; %d of %d are a quorum",
		victim.id, Seconds(detected-killed), Seconds(agreed-detected), n-1, n), nil
}

// someoneHolds: at least one node that runs holds subject in one of the states.
func someoneHolds(subject types.NodeId, states ...Held) condition {
	return func(s *Snapshot) string {
		_, i, ok := s.Node(subject)
		if !ok {
			return fmt.Sprintf("%s is not in the plan", subject)
		}
		var seen []string
		for _, o := range s.running() {
			if o == i {
				continue
			}
			got := s.Nodes[o].Peers[i].Held
			if slices.Contains(states, got) {
				return ""
			}
			seen = append(seen, fmt.Sprintf("%s: %v", s.Nodes[o].ID, got))
		}
		return fmt.Sprintf("nobody holds %s %v; %s", subject, states[len(states)-1], enumerate(seen))
	}
}

// domainCheck is the longest that a node asks the domain of a lost peer whether
// anyone is there: three pings, one after the other.
func domainCheck(in types.GossipIntervals) time.Duration {
	return 3 * (in.ProbeTimeout + 100*time.Millisecond)
}
