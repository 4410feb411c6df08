package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
)

// pushPullFamilies are about anti-entropy: comparing tables, and exchanging what
// differs.
func pushPullFamilies() []family {
	return []family{
		counter("comparisons_total", "Comparisons of fingerprints that the push-pull interval asked for.", func(s *nekton.Stats) uint64 { return s.Protocol.Compares }),
		counter("comparisons_in_sync_total", "Comparisons of fingerprints that found no difference, so that no stream was opened.", func(s *nekton.Stats) uint64 { return s.Protocol.ComparesInSync }),
		{
			name: "push_pulls_total", help: "Exchanges of tables by stream, by outcome: whether they moved anything.",
			kind: prometheus.CounterValue, labels: []string{"outcome"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Protocol.Exchanges), "moved")
				emit(float64(s.Protocol.ExchangesIdle), "idle")
				emit(float64(s.Protocol.ExchangesFailed), "failed")
			},
		},
		gauge("push_pulls_open", "Exchanges of tables that are under way.", func(s *nekton.Stats) int { return s.Protocol.OpenExchanges }),
		{
			name: "push_pull_duration_seconds", help: "How long exchanges of tables took.",
			histogram: func(s *nekton.Stats) nekton.Histogram { return s.PushPulls.Durations },
		},
		{
			name: "push_pull_bytes_total", help: "Bytes exchanged in push-pulls, by direction.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.PushPulls.BytesIn), "in")
				emit(float64(s.PushPulls.BytesOut), "out")
			},
		},
	}
}
