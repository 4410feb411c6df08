package metrics

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

// trafficFamilies are about packets, the messages in them, and streams.
func trafficFamilies() []family {
	return []family{
		{
			name: "messages_total", help: "Messages in packets, by kind and direction; a packet holds several.",
			kind: prometheus.CounterValue, labels: []string{"kind", "direction"},
			read: func(s *nekton.Stats, emit emit) {
				for kind := range swim.NumKinds {
					label := strings.ReplaceAll(swim.Kind(kind).String(), "-", "_")
					emit(float64(s.Protocol.MessagesIn[kind]), label, "in")
					emit(float64(s.Protocol.MessagesOut[kind]), label, "out")
				}
			},
		},
		{
			name: "message_bytes_total", help: "Bytes of the messages in packets, by kind and direction.",
			kind: prometheus.CounterValue, labels: []string{"kind", "direction"},
			read: func(s *nekton.Stats, emit emit) {
				for kind := range swim.NumKinds {
					label := strings.ReplaceAll(swim.Kind(kind).String(), "-", "_")
					emit(float64(s.Protocol.MessageBytesIn[kind]), label, "in")
					emit(float64(s.Protocol.MessageBytesOut[kind]), label, "out")
				}
			},
		},
		{
			name: "packets_total", help: "Datagrams, by direction.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Packets.PacketsIn), "in")
				emit(float64(s.Packets.PacketsOut), "out")
			},
		},
		{
			name: "packet_bytes_total", help: "Bytes in datagrams without headers of IP and UDP, by direction.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Packets.PacketBytesIn), "in")
				emit(float64(s.Packets.PacketBytesOut), "out")
			},
		},
		{
			name: "packet_errors_total", help: "Datagrams that the system could not receive or send, by direction.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Packets.PacketReadErrors), "in")
				emit(float64(s.Packets.PacketWriteErrors), "out")
			},
		},
		{
			name: "drops_total", help: "What came from the network and was not used, by reason.",
			kind: prometheus.CounterValue, labels: []string{"reason"},
			read: func(s *nekton.Stats, emit emit) {
				for reason := 1; reason < swim.NumDrops; reason++ {
					emit(float64(s.Protocol.Drops[reason]), swim.Drop(reason).String())
				}
				emit(float64(s.Packets.PacketsTruncated), "truncated")
				emit(float64(s.Packets.PacketsDropped), "queue_full")
			},
		},
		{
			name: "streams_open", help: "Streams that are open, by who opened them: others (in) or this node (out).",
			kind: prometheus.GaugeValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Streams.Incoming.Open), "in")
				emit(float64(s.Streams.Outgoing.Open), "out")
			},
		},
		{
			name: "streams_total", help: "Streams that ended, by who opened them and how they ended.",
			kind: prometheus.CounterValue, labels: []string{"direction", "outcome"},
			read: func(s *nekton.Stats, emit emit) {
				direction := func(d transport.DirectionStats, label string) {
					emit(float64(d.Done), label, "done")
					emit(float64(d.Failed), label, "failed")
				}
				direction(s.Streams.Incoming, "in")
				direction(s.Streams.Outgoing, "out")
				emit(float64(s.Streams.Rejected), "in", "rejected")
				emit(float64(s.Streams.Refused), "out", "rejected")
			},
		},
		{
			name: "stream_bytes_total", help: "Bytes in streams without headers of IP and TCP, by direction.",
			kind: prometheus.CounterValue, labels: []string{"direction"},
			read: func(s *nekton.Stats, emit emit) {
				emit(float64(s.Streams.BytesIn), "in")
				emit(float64(s.Streams.BytesOut), "out")
			},
		},
	}
}
