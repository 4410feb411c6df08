package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
)

// probeFamilies are about failure detection: the probes of this node, and what it
// thinks of its own health.
func probeFamilies() []family {
	return []family{
		counter("probes_total", "Probes begun, of protocol periods and others.", func(s *nekton.Stats) uint64 { return s.Protocol.Probes }),
		counter("coordinated_probes_total", "Probes whose target the schedule of all members chose.", func(s *nekton.Stats) uint64 { return s.Protocol.CoordinatedProbes }),
		counter("silent_probes_total", "Probes of members that had not pinged this node in their turn.", func(s *nekton.Stats) uint64 { return s.Protocol.SilentProbes }),
		counter("probe_retries_total", "Pings sent again within a direct probe.", func(s *nekton.Stats) uint64 { return s.Protocol.ProbeRetries }),
		counter("probe_failures_total", "Probes that nothing answered in time, directly, indirectly or by stream.", func(s *nekton.Stats) uint64 { return s.Protocol.ProbeFailures }),
		counter("indirect_probes_total", "Requests to others to probe on behalf of this node (ping-req).", func(s *nekton.Stats) uint64 { return s.Protocol.IndirectProbes }),
		counter("relays_total", "Probes made on behalf of others.", func(s *nekton.Stats) uint64 { return s.Protocol.Relays }),
		{
			name: "acks_total", help: "Answers to probes of this node, by what carried them.",
			kind: prometheus.CounterValue, labels: []string{"carrier"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Protocol.Acks), "packet")
				emit(float64(s.Protocol.StreamAcks), "stream")
			},
		},
		counter("nacks_total", "Relays that said in time that they had no answer either.", func(s *nekton.Stats) uint64 { return s.Protocol.Nacks }),
		{
			name: "probe_round_trip_seconds", help: "Round trips of direct probes.",
			histogram: func(s *nekton.Stats) nekton.Histogram { return s.RoundTrips },
		},
		gauge("local_health_score", "Lifeguard's local health: 0 is healthy, and each point stretches how long probes wait.", func(s *nekton.Stats) int { return s.Protocol.Health }),
		switched("cut_off", "1 while the node hears from nobody.", func(s *nekton.Stats) bool { return s.CutOff }),
		counter("cut_offs_total", "Times that the node began to hear from nobody.", func(s *nekton.Stats) uint64 { return s.Protocol.CutOffs }),
		counter("stalls_total", "Times that the node could not run in time: stopped, suspended or starved.", func(s *nekton.Stats) uint64 { return s.Protocol.Stalls }),
		counter("suspicions_total", "Members that became suspect here.", func(s *nekton.Stats) uint64 { return s.Protocol.Suspicions }),
		counter("suspicion_confirmations_total", "Independent confirmations of suspicions.", func(s *nekton.Stats) uint64 { return s.Protocol.Confirmations }),
		counter("deaths_total", "Members that became dead here.", func(s *nekton.Stats) uint64 { return s.Protocol.Deaths }),
		counter("refutations_total", "Times that this node was accused, and refuted.", func(s *nekton.Stats) uint64 { return s.Protocol.Refutations }),
	}
}
