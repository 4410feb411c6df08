package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
)

// storeFamilies are about the StoreMaps that this node holds: its own and replicas.
func storeFamilies() []family {
	return []family{
		gauge("store_records", "Nodes whose values are held, this one included.", func(s *nekton.Stats) int { return s.Store.Records }),
		gauge("store_records_incomplete", "Replicas that are known to lack something.", func(s *nekton.Stats) int { return s.Store.Incomplete }),
		gauge("store_keys", "Keys held, of all nodes.", func(s *nekton.Stats) int { return s.Store.Keys }),
		gauge("store_tombstones", "Deleted keys that are remembered, of all nodes.", func(s *nekton.Stats) int { return s.Store.Tombstones }),
		gauge("store_bytes", "Bytes of keys and values held, of all nodes, tombstones included.", func(s *nekton.Stats) int { return s.Store.Bytes }),
		counter("store_changes_total", "Changes of this node's own values.", func(s *nekton.Stats) uint64 { return s.Store.Changes }),
		{
			name: "store_merges_total", help: "Deltas of other nodes' values, by outcome: news, known already, beginning above what is held, or refused.",
			kind: prometheus.CounterValue, labels: []string{"outcome"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Store.Merges), "merged")
				emit(float64(s.Store.Known), "known")
				emit(float64(s.Store.Gaps), "gap")
				emit(float64(s.Store.Refused), "refused")
			},
		},
		counter("store_tombstones_collected_total", "Deleted keys that were forgotten.", func(s *nekton.Stats) uint64 { return s.Store.Collected }),
		counter("store_values_refused_total", "Values of this node that were not taken: without an encoding, or over a limit.", func(s *nekton.Stats) uint64 { return s.RefusedValues }),
		counter("store_values_undecodable_total", "Reads of values that this node cannot decode.", func(s *nekton.Stats) uint64 { return s.UndecodableValues }),
		counter("store_states_lost_total", "Push-pulls on memberlist's wire whose values could not be read.", func(s *nekton.Stats) uint64 { return s.LostStates }),
	}
}
