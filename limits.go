package nekton

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

// DefaultPacket is the default budget of a datagram: an Ethernet frame, with room
// for tunnels. Bytes.
const DefaultPacket = 1400

// maxFrameBudget bounds the frames that we build ourselves. What does not fit goes
// in a later exchange. Bytes.
const maxFrameBudget = 4 << 20

// Limits bound what a node holds, sends and accepts. Zero means the default, which
// each field names; negative values are an error of Start. All nodes of a cluster
// need equal limits: what one may publish and another refuses does not arrive there.
type Limits struct {
	// Packet is the largest datagram that is built. Bytes; default
	// [DefaultPacket]. Larger ones are accepted, up to what UDP carries.
	Packet int
	// Key is the longest key. Bytes; default [store.DefaultMaxKey], 256.
	Key int
	// Value is the largest encoded value. Bytes; default
	// [store.DefaultMaxValue], 64 KiB.
	Value int
	// Record is the largest StoreMap of one node, 16 bytes for each key included.
	// Bytes; default [store.DefaultMaxRecord], 1 MiB.
	Record int
	// Members is how many members are held, the dead included. Default 1 Mi.
	Members int
	// Tombstones is how many dead and left members are remembered, so that old
	// news does not revive them; the oldest go first. Default 16384.
	Tombstones int
	// Stream is how much one stream may send us. Bytes; default
	// [transport.DefaultMaxStream], 20 MiB; on memberlist's wire 40 MiB, which is what
	// memberlist accepts.
	Stream int
	// StreamTimeout bounds a stream from its first packet to its last. Default
	// [transport.DefaultStreamTimeout], 10 s.
	StreamTimeout time.Duration
	// Streams is how many streams are served at a time, and how many of our own
	// are open. Default [transport.DefaultMaxIncoming], 64. One too many is
	// closed at once, and counted.
	Streams int
}

// withDefaults fills in defaults and reports every field that is out of range;
// those take their default, so that what comes out can be used.
func (l Limits) withDefaults(memberlist bool) (Limits, []error) {
	var problems []error
	stream := transport.DefaultMaxStream
	if memberlist {
		stream = memberlistStream
	}
	for _, f := range []struct {
		name     string
		value    *int
		min, max int
		standard int
	}{
		{"Limits.Packet", &l.Packet, minPacket, swim.MaxPacketLen, DefaultPacket},
		{"Limits.Key", &l.Key, 1, maxLimit, store.DefaultMaxKey},
		{"Limits.Value", &l.Value, 1, maxLimit, store.DefaultMaxValue},
		{"Limits.Record", &l.Record, 1, maxLimit, store.DefaultMaxRecord},
		{"Limits.Members", &l.Members, 1, maxLimit, store.DefaultMaxRecords},
		{"Limits.Tombstones", &l.Tombstones, 1, maxLimit, 16384},
		{"Limits.Stream", &l.Stream, minStream, maxLimit, stream},
		{"Limits.Streams", &l.Streams, 1, maxLimit, transport.DefaultMaxIncoming},
	} {
		if *f.value == 0 {
			*f.value = f.standard
		} else if *f.value < f.min || *f.value > f.max {
			problems = append(problems, &ConfigError{f.name, fmt.Sprintf("is %d, want %d to %d", *f.value, f.min, f.max)})
			*f.value = f.standard
		}
	}
	if l.StreamTimeout == 0 {
		l.StreamTimeout = transport.DefaultStreamTimeout
	} else if l.StreamTimeout < 0 {
		problems = append(problems, &ConfigError{"Limits.StreamTimeout", fmt.Sprintf("is %v, want 0 or more", l.StreamTimeout)})
		l.StreamTimeout = transport.DefaultStreamTimeout
	}
	return l, problems
}

const (
	// minPacket leaves room for the longest claim, which is one message and
	// cannot be split. Bytes.
	minPacket = 2*swim.MaxNameLen + swim.MaxMetaLen + 128
	// minStream leaves room for two frames with a few members. Bytes.
	minStream = 64 << 10
	// memberlistStream is what memberlist accepts on one stream, decompressed. Bytes.
	memberlistStream = 40 << 20
	// maxLimit keeps sums of limits whole on 32 bits.
	maxLimit = 1 << 30
)

// storeConfig is what the store is told.
func (n *Node) storeConfig() store.Config {
	return store.Config{
		TombstoneTTL: max(n.opts.keyTombstoneTTL, 0), MaxKey: n.opts.limits.Key, MaxValue: n.opts.limits.Value,
		MaxRecord: n.opts.limits.Record, MaxRecords: n.opts.limits.Members,
	}
}

// streamLimits is what the pool of streams is told.
func (n *Node) streamLimits() transport.StreamsConfig {
	return transport.StreamsConfig{
		MaxIncoming: n.opts.limits.Streams, MaxOutgoing: n.opts.limits.Streams,
		Limits: transport.Limits{
			Frame: int64(n.opts.limits.Stream), Stream: int64(n.opts.limits.Stream), Timeout: n.opts.limits.StreamTimeout,
		},
	}
}
