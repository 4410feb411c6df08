package swim

import (
	"errors"
	"fmt"
	"net/netip"
	"time"
)

// Off switches off the loop or limit of a [Config] field that says so.
const Off = -1

// Rand is the source of every random choice of a core. It is the only one, so
// that a simulator can seed it and an explorer can enumerate it.
type Rand interface {
	// IntN returns a number in [0, n). n is at least 1.
	IntN(n int) int
}

// Config is everything a core can be told. It is read by New and does not change
// afterwards. A zero field takes the default it names; those are LAN's.
type Config struct {
	// Name is the member's own name: 1 to MaxNameLen bytes. Required.
	Name string
	// Addr is where others reach us; valid, and not unspecified. Required.
	Addr netip.AddrPort
	// Meta is small data that travels with our alive claim; at most MaxMetaLen.
	Meta []byte
	// Versions is what we understand, on a wire that carries it. Zero there:
	// [MemberlistVersions].
	Versions Versions
	// ClusterID and Version must be equal on both sides of an exchange.
	ClusterID string
	Version   string
	// Life is our generation and boot. See [Boot].
	Life Life
	// Codec is the wire. Required.
	Codec Codec
	// Rider is the state that rides along; nil for none.
	Rider Rider
	// Vet, if given, says who may be a member, by name and meta; nil admits. It is
	// asked about every alive claim of another member whose meta we do not know yet,
	// and refusing any claim of a table refuses a join. It keeps neither slice.
	Vet func(name string, meta []byte) *Refusal
	// Rand is the source of chance. Required.
	Rand Rand
	// Wall is the wall clock at the now of New. See [Core.SetWall].
	Wall time.Time

	// ProbeInterval is the protocol period. Default 1 s. Off: no probing.
	// Source: SWIM §3.1.
	ProbeInterval time.Duration
	// ProbeTimeout is how long a member has to answer before it can become suspect:
	// to our own pings, and then to those of others. Default 500 ms. Source: SWIM §3.1.
	ProbeTimeout time.Duration
	// IndirectProbes is k, the number of members asked to probe on our behalf.
	// Default 3. Off: none. Source: SWIM §3.1.
	IndirectProbes int
	// ProbeRetries is how often a direct probe asks again within ProbeTimeout,
	// at times learnt from the member's round trips. Others are asked when the last
	// ping is overdue as well. Default 2. Off: never, and others are asked at
	// ProbeTimeout. Nobody is judged before that.
	ProbeRetries int
	// NoCoordinatedProbing lets every member probe in an order of its own, as SWIM
	// does. Otherwise those that agree about each other and about the time share one
	// schedule, by which each of them is probed exactly once per ProbeInterval; see
	// coordinate.go. That takes a byte per ping, a wire that carries prints and Wall:
	// without them, or with the rules RandomTargets, SerialProbes or NoPrints, it is
	// off. Who has another ProbeInterval, or none of this, does no harm.
	NoCoordinatedProbing bool
	// NoStreamProbe switches off the stream probe that runs beside the indirect
	// ones.
	NoStreamProbe bool
	// NackAfter is the part of the patience after which a relay nacks, in
	// percent. Default 80. Off: no nacks, neither given nor asked for. Source:
	// Lifeguard §IV-A.
	NackAfter int

	// SuspicionMult is α of the suspicion timeout, see [SuspicionTimeout].
	// Default 4. Off: a failed probe is a death.
	SuspicionMult int
	// SuspicionMaxMult is β: the longest suspicion is β times the shortest.
	// Default 6. Source: Lifeguard §IV-B.
	SuspicionMaxMult int
	// SuspicionConfirmations is K, the number of independent confirmations that
	// bring a suspicion down to its minimum; never more than n-2. Default 3. Off:
	// none. Source: Lifeguard §IV-B.
	SuspicionConfirmations int
	// HealthMax is the highest local health score. Default 7. Off: the score
	// stays 0. Source: Lifeguard §IV-A.
	HealthMax int

	// GossipInterval bounds the rate of gossip rounds. Default 200 ms. Off: none.
	GossipInterval time.Duration
	// GossipNodes is the fan-out of a round. Default 3.
	GossipNodes int
	// GossipToTheDead is how long a dead member still gets gossip, so that it can
	// refute. Default 30 s. Off: it gets none.
	GossipToTheDead time.Duration
	// RetransmitMult is λ: each member sends every claim λ ⌈log10(n+1)⌉ times, less the
	// copies that it hears from others; see [Rules.BlindGossip].
	// Default 4. Source: SWIM §4.1.
	RetransmitMult int
	// MaxPiggyback bounds the pieces of news in a packet; zero: as many as fit.
	// Source: SWIM §5, with 6.
	MaxPiggyback int

	// PushPullInterval is the time between two comparisons with a random member.
	// Default 30 s. Off: tables are compared only when joining or healing.
	PushPullInterval time.Duration
	// HealInterval is the time in which the live members together try one lost
	// member or seed. Default 10 s. Off: partitions stay.
	HealInterval time.Duration
	// Seeds are tried while healing, beside lost members.
	Seeds []netip.AddrPort

	// LeaveAcks is the number of peers that must acknowledge our departure.
	// Default 3; never more than there are.
	LeaveAcks int
	// TombstoneTTL is how long a dead or left member is remembered, so that old
	// news cannot revive it. Default 24 h.
	TombstoneTTL time.Duration
	// MaxTombstones bounds their number; the oldest goes first. Default 16384.
	MaxTombstones int
	// MaxMembers bounds the table, the dead included. Default 1 Mi, at most 16 Mi.
	MaxMembers int
	// MaxClockLead is how far a boot may be ahead of our clock. Default 24 h.
	MaxClockLead time.Duration
	// ReclaimAfter is how long a member must have been dead before another address
	// can take its name, by the rule AddressConflicts; it has no effect by our own.
	// Zero: that is never. Source: memberlist.
	ReclaimAfter time.Duration

	// HashSeed is a secret that spreads names and addresses over hash tables: who
	// does not know it cannot choose names that slow us down. Nothing else depends
	// on it. Zero is fine where there is nobody to fear.
	HashSeed uint64
	// Records, if given, holds what members say of themselves, for all cores that
	// are given the same. Nil: this core alone.
	Records *Records

	// PacketBudget is the largest packet we build, in bytes, before the layers
	// that the transport adds. Default 1400.
	PacketBudget int
	// FrameBudget is the largest stream frame we build, in bytes. What does not
	// fit is left to a later exchange. Default 4 MiB.
	FrameBudget int
	// JoinDials is how many seeds are tried at the same time. Default 64.
	JoinDials int

	// Rules are those of others that are to be in force; none by default.
	Rules Rules
}

// minPacketBudget leaves room for the longest claim: a name, an accuser, an
// address and meta.
const minPacketBudget = 2*MaxNameLen + MaxMetaLen + 128

// Effective is the configuration as New reads it: a zero field has its default, and
// one that is Off is zero.
func (cfg Config) Effective() Config { return cfg.withDefaults() }

// withDefaults replaces zero by the default and Off by nothing.
func (cfg Config) withDefaults() Config {
	orDefault(&cfg.ProbeInterval, time.Second)
	orDefault(&cfg.ProbeTimeout, 500*time.Millisecond)
	orDefault(&cfg.IndirectProbes, 3)
	orDefault(&cfg.ProbeRetries, 2)
	orDefault(&cfg.NackAfter, 80)
	orDefault(&cfg.SuspicionMult, 4)
	orDefault(&cfg.SuspicionMaxMult, 6)
	orDefault(&cfg.SuspicionConfirmations, 3)
	orDefault(&cfg.HealthMax, 7)
	orDefault(&cfg.GossipInterval, 200*time.Millisecond)
	orDefault(&cfg.GossipNodes, 3)
	orDefault(&cfg.GossipToTheDead, 30*time.Second)
	orDefault(&cfg.RetransmitMult, 4)
	orDefault(&cfg.PushPullInterval, 30*time.Second)
	orDefault(&cfg.HealInterval, 10*time.Second)
	orDefault(&cfg.LeaveAcks, 3)
	orDefault(&cfg.TombstoneTTL, 24*time.Hour)
	orDefault(&cfg.MaxTombstones, 16384)
	orDefault(&cfg.MaxMembers, 1<<20)
	orDefault(&cfg.MaxClockLead, 24*time.Hour)
	orDefault(&cfg.PacketBudget, 1400)
	orDefault(&cfg.FrameBudget, 4<<20)
	orDefault(&cfg.JoinDials, 64)
	if cfg.Rider == nil {
		cfg.Rider = noRider{}
	}
	cfg.NoCoordinatedProbing = cfg.NoCoordinatedProbing || !cfg.canCoordinate()
	return cfg
}

// canCoordinate reports whether there is what coordinated probing needs, beside Wall.
func (cfg *Config) canCoordinate() bool {
	r := &cfg.Rules
	return cfg.ProbeInterval > 0 && (cfg.Codec == nil || cfg.Codec.Carries().Prints) &&
		!r.RandomTargets && !r.SerialProbes && !r.NoPrints
}

// orDefault sets a zero field to its default. Off becomes zero, which every user
// of a field reads as "not at all".
func orDefault[T ~int | ~int64](field *T, value T) {
	switch *field {
	case 0:
		*field = value
	case Off:
		*field = 0
	}
}

// validate reports everything that is wrong with a configuration at once.
func (cfg *Config) validate() error {
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if len(cfg.Name) == 0 || len(cfg.Name) > MaxNameLen {
		bad("Name has %d bytes, want 1 to %d", len(cfg.Name), MaxNameLen)
	}
	if !cfg.Addr.IsValid() || cfg.Addr.Addr().IsUnspecified() || cfg.Addr.Port() == 0 {
		bad("Addr %v is not an address that others can reach", cfg.Addr)
	}
	if len(cfg.Meta) > MaxMetaLen {
		bad("Meta has %d bytes, limit %d", len(cfg.Meta), MaxMetaLen)
	}
	if len(cfg.ClusterID) > MaxClusterLen {
		bad("ClusterID has %d bytes, limit %d", len(cfg.ClusterID), MaxClusterLen)
	}
	if len(cfg.Version) > MaxClusterLen {
		bad("Version has %d bytes, limit %d", len(cfg.Version), MaxClusterLen)
	}
	if cfg.Codec == nil {
		bad("Codec is missing")
	}
	if cfg.Rand == nil {
		bad("Rand is missing")
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"ProbeInterval", int64(cfg.ProbeInterval)}, {"ProbeTimeout", int64(cfg.ProbeTimeout)},
		{"IndirectProbes", int64(cfg.IndirectProbes)}, {"ProbeRetries", int64(cfg.ProbeRetries)},
		{"NackAfter", int64(cfg.NackAfter)}, {"SuspicionMult", int64(cfg.SuspicionMult)},
		{"SuspicionMaxMult", int64(cfg.SuspicionMaxMult)}, {"HealthMax", int64(cfg.HealthMax)},
		{"SuspicionConfirmations", int64(cfg.SuspicionConfirmations)},
		{"GossipInterval", int64(cfg.GossipInterval)}, {"GossipNodes", int64(cfg.GossipNodes)},
		{"GossipToTheDead", int64(cfg.GossipToTheDead)}, {"RetransmitMult", int64(cfg.RetransmitMult)},
		{"PushPullInterval", int64(cfg.PushPullInterval)}, {"HealInterval", int64(cfg.HealInterval)},
		{"LeaveAcks", int64(cfg.LeaveAcks)}, {"TombstoneTTL", int64(cfg.TombstoneTTL)},
		{"MaxTombstones", int64(cfg.MaxTombstones)}, {"MaxMembers", int64(cfg.MaxMembers)},
		{"MaxClockLead", int64(cfg.MaxClockLead)}, {"FrameBudget", int64(cfg.FrameBudget)},
		{"JoinDials", int64(cfg.JoinDials)}, {"MaxPiggyback", int64(cfg.MaxPiggyback)},
		{"ReclaimAfter", int64(cfg.ReclaimAfter)},
	} {
		if f.value < 0 {
			bad("%s is negative", f.name)
		}
	}
	for _, f := range []struct {
		name  string
		value int64
	}{
		{"ProbeTimeout", int64(cfg.ProbeTimeout)},
		{"SuspicionMaxMult", int64(cfg.SuspicionMaxMult)}, {"GossipNodes", int64(cfg.GossipNodes)},
		{"RetransmitMult", int64(cfg.RetransmitMult)}, {"LeaveAcks", int64(cfg.LeaveAcks)},
		{"TombstoneTTL", int64(cfg.TombstoneTTL)}, {"MaxTombstones", int64(cfg.MaxTombstones)},
		{"MaxMembers", int64(cfg.MaxMembers)}, {"MaxClockLead", int64(cfg.MaxClockLead)},
		{"FrameBudget", int64(cfg.FrameBudget)}, {"JoinDials", int64(cfg.JoinDials)},
	} {
		if f.value == 0 {
			bad("%s cannot be Off", f.name)
		}
	}
	if cfg.MaxMembers > maxRows {
		bad("MaxMembers is %d, limit %d", cfg.MaxMembers, maxRows)
	}
	if cfg.NackAfter > 100 {
		bad("NackAfter is %d percent", cfg.NackAfter)
	}
	if cfg.PacketBudget < minPacketBudget || cfg.PacketBudget > MaxPacketLen {
		bad("PacketBudget is %d bytes, want %d to %d", cfg.PacketBudget, minPacketBudget, MaxPacketLen)
	}
	return errors.Join(errs...)
}
