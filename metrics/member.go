package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
)

// memberFamilies are about the group, and how news of it spreads.
func memberFamilies() []family {
	return []family{
		{
			name: "members", help: "Members by the state in which the failure detector holds them, this node included.",
			kind: prometheus.GaugeValue, labels: []string{"state"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Protocol.Alive), "alive")
				emit(float64(s.Protocol.Suspect), "suspect")
				emit(float64(s.Protocol.Dead), "dead")
				emit(float64(s.Protocol.Left), "left")
			},
		},
		counter("conflicts_total", "Times that two nodes claimed one name and life.", func(s *nekton.Stats) uint64 { return s.Protocol.Conflicts }),
		{
			name: "refusals_total", help: "Joins that were refused: sent by this node, or received by it.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Protocol.RefusalsSent), "out")
				emit(float64(s.Protocol.RefusalsReceived), "in")
			},
		},
		counter("heal_attempts_total", "Attempts to reach lost members and seeds again.", func(s *nekton.Stats) uint64 { return s.Protocol.HealAttempts }),
		{
			name: "dissemination_queue_depth", help: "News that this node still passes on, by kind.",
			kind: prometheus.GaugeValue, labels: []string{"kind"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Protocol.QueuedClaims), "claim")
				emit(float64(s.Protocol.QueuedRumours), "rumour")
			},
		},
		gauge("retransmit_limit", "How often this node passes on each piece of news.", func(s *nekton.Stats) int { return s.Protocol.RetransmitLimit }),
		counter("gossip_rounds_total", "Rounds of gossip.", func(s *nekton.Stats) uint64 { return s.Protocol.GossipRounds }),
		counter("rumours_merged_total", "Pieces of news about values that were merged.", func(s *nekton.Stats) uint64 { return s.Protocol.RumoursMerged }),
	}
}
