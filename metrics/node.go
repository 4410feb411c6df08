package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/types"
)

// nodeFamilies are about the node itself: who it is, and whether it may act.
func nodeFamilies() []family {
	return []family{
		{
			name: "node_info", help: "Always 1; its labels say who the node is.", kind: prometheus.GaugeValue,
			labels: []string{"cluster", "version", "domain", "phase"},
			read: func(s *nekton.Stats, emit emit) {
				emit(1, s.Cluster, s.Version, s.Domain, s.Phase.String())
			},
		},
		gauge("node_generation", "The generation that the node was given.", func(s *nekton.Stats) uint64 { return s.Generation }),
		{
			name: "own_status", help: "1 for the own status of the node, 0 for the others that there are.",
			kind: prometheus.GaugeValue, labels: []string{"status"},
			read: func(s *nekton.Stats, emit emit) {
				for _, status := range ownStatuses() {
					emit(boolean(s.Status == status), statusLabel(status))
				}
			},
		},
		switched("in_quorum", "1 while the own status is UP, so that the node may act for the cluster.",
			func(s *nekton.Stats) bool { return s.Status == types.NODE_STATUS_UP }),
		gauge("quorum_members", "Quorum members that count.", func(s *nekton.Stats) int { return s.Quorum.Members }),
		gauge("quorum_members_alive", "Quorum members that count and are held alive, the node itself included.", func(s *nekton.Stats) int { return s.Quorum.Alive }),
		gauge("quorum_members_needed", "Quorum members that have to be alive; 0 if none has to.", func(s *nekton.Stats) int { return s.Quorum.Needed }),
		{
			name: "nodes", help: "Known nodes by the status in which this node sees them, itself included.",
			kind: prometheus.GaugeValue, labels: []string{"status"},
			read: func(s *nekton.Stats, emit emit) {
				for status := types.NODE_STATUS_UP; status <= types.NODE_STATUS_SUSPECT_DOWN; status++ {
					emit(float64(s.Nodes[status]), statusLabel(status))
				}
			},
		},
		gauge("event_subscribers", "Subscriptions to events.", func(s *nekton.Stats) int { return s.Subscribers }),
		counter("events_lost_total", "Events that subscribers did not get because they were too slow.", func(s *nekton.Stats) uint64 { return s.LostEvents }),
	}
}

// ownStatuses are those that the quorum machine gives.
func ownStatuses() []types.NodeStatus {
	return []types.NodeStatus{
		types.NODE_STATUS_UP, types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, types.NODE_STATUS_NOT_IN_QUORUM, types.NODE_STATUS_DOWN,
	}
}

// statusLabel is the name of a status in lower case, without what all begin with.
func statusLabel(s types.NodeStatus) string {
	return strings.ToLower(strings.TrimPrefix(s.String(), "NODE_STATUS_"))
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
