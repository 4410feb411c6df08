package store

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/types"
)

// The defaults of [Config], and the limits that are not configurable.
const (
	// DefaultTombstoneTTL is how long a deleted key is remembered.
	DefaultTombstoneTTL = time.Hour
	// DefaultMaxKey is the longest key. Bytes.
	DefaultMaxKey = 256
	// DefaultMaxValue is the largest encoded value: as large as a datagram could
	// be, so that no value needs a stream of its own. Bytes.
	DefaultMaxValue = 64 << 10
	// DefaultMaxRecord is the largest record, see [Stats.Bytes]. Bytes.
	DefaultMaxRecord = 1 << 20
	// DefaultMaxRecords is how many records are held, the own one included.
	DefaultMaxRecords = 1 << 20

	// MaxIDLen is the longest node id. Bytes.
	MaxIDLen = 255
	// MaxDigestLen is the longest digest that [Store.AppendDigest] writes. Bytes.
	MaxDigestLen = 1 + 4*9

	// entryOverhead is what an entry counts besides its key and value: about
	// what it costs on the wire, so that even empty keys and values are bounded.
	entryOverhead = 16
)

// Config holds the settings of a [Store]. They are read once, by [New]. The
// members of a cluster need equal limits: a record that its owner may publish and
// a replica refuses never arrives there.
type Config struct {
	// Self is the id of the node that owns the store: 1 to [MaxIDLen] bytes.
	// Required.
	Self types.NodeId
	// Generation is that of the own record until [Store.BeginLife].
	Generation uint64
	// TombstoneTTL is how long a deleted key is remembered, from when this
	// replica learnt of it. A replica that was away for longer gets the whole
	// record instead of a delta. If zero, [DefaultTombstoneTTL].
	TombstoneTTL time.Duration
	// MaxKey is the longest key, in bytes. If zero, [DefaultMaxKey].
	MaxKey int
	// MaxValue is the largest value, in bytes. If zero, [DefaultMaxValue].
	MaxValue int
	// MaxRecord is the largest record, in bytes as counted by [Store.SizeOf]. If
	// zero, [DefaultMaxRecord].
	MaxRecord int
	// LifeOf, if given, says in which life the owner of the store has met a member;
	// false if it has not. Who is met and has published nothing needs no record
	// then: the store answers as if it had the empty one of that life. It is called
	// from within the methods of the store, and must not call them.
	LifeOf func(types.NodeId) (Life, bool)
	// MaxRecords is how many records are held, the own one included. If zero,
	// [DefaultMaxRecords].
	MaxRecords int
}

// withDefaults replaces zeros and reports all problems at once.
func (cfg Config) withDefaults() (Config, error) {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }

	if n := len(cfg.Self); n == 0 || n > MaxIDLen {
		bad("Self has %d bytes, want 1 to %d", n, MaxIDLen)
	}
	switch {
	case cfg.TombstoneTTL == 0:
		cfg.TombstoneTTL = DefaultTombstoneTTL
	case cfg.TombstoneTTL < 0:
		bad("TombstoneTTL is %v, want 0 or more", cfg.TombstoneTTL)
	}
	for _, limit := range []struct {
		name  string
		value *int
		zero  int
	}{
		{"MaxKey", &cfg.MaxKey, DefaultMaxKey},
		{"MaxValue", &cfg.MaxValue, DefaultMaxValue},
		{"MaxRecord", &cfg.MaxRecord, DefaultMaxRecord},
		{"MaxRecords", &cfg.MaxRecords, DefaultMaxRecords},
	} {
		switch {
		case *limit.value == 0:
			*limit.value = limit.zero
		case *limit.value < 0:
			bad("%s is %d, want 0 or more", limit.name, *limit.value)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return cfg, fmt.Errorf("store: config: %w", err)
	}
	return cfg, nil
}
