package nekton

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/transport"
)

// Off in a field of [Protocol] switches off what it stands for.
const Off = swim.Off

// Protocol holds the parameters of SWIM and Lifeguard that
// [types.GossipIntervals] does not give. Zero means the default, [Off] means not at
// all where that makes sense; anything else below zero is an error of Start. Each
// field is the one of that name in [swim.Config], where its source is cited.
type Protocol struct {
	// IndirectProbes is k, how many members probe on our behalf. Default 3.
	IndirectProbes int
	// ProbeRetries is how often a direct probe asks again within ProbeTimeout.
	// Default 2.
	ProbeRetries int
	// NoCoordinatedProbing lets the node probe in an order of its own. Otherwise those
	// that have the same ProbeInterval share one schedule, by which each of them is
	// probed exactly once in it; gossip version v2 only.
	NoCoordinatedProbing bool
	// NoStreamProbe switches off the stream probe beside the indirect ones.
	NoStreamProbe bool
	// NackAfter is when a relay nacks, in percent of the patience. Default 80. Off:
	// no nacks, neither given nor asked for.
	NackAfter int
	// SuspicionMaxMult is how much longer the longest suspicion is than the
	// shortest. Default 6.
	SuspicionMaxMult int
	// SuspicionConfirmations is how many confirmations bring a suspicion down to
	// its minimum. Default 3; on memberlist's wire, as there, SuspicionMult - 2, and a
	// cluster that has fewer others begins at the minimum.
	SuspicionConfirmations int
	// HealthMax is the worst local health score. Default 7.
	HealthMax int
	// GossipNodes is the fan-out of a gossip round. Default 3.
	GossipNodes int
	// GossipToTheDead is how long a dead member still gets gossip. Default 30 s.
	GossipToTheDead time.Duration
	// RetransmitMult is λ: each member sends a piece of news λ ⌈log10(n+1)⌉ times, less
	// the copies that it hears from others. Default 4.
	RetransmitMult int
	// MaxPiggyback bounds the pieces of news in a packet; zero: as many as fit.
	MaxPiggyback int
	// HealInterval is how often the live members together try one lost member or
	// seed. Default 10 s. Off: partitions stay.
	HealInterval time.Duration
	// LeaveAcks is how many peers must acknowledge our departure. Default 3.
	// Memberlist's wire has no such acknowledgement: there, a departure is over when
	// it was sent as often as any news.
	LeaveAcks int
	// TombstoneTTL is how long a dead or left member is remembered. Default 24 h; on
	// memberlist's wire GossipToTheDead, as there.
	TombstoneTTL time.Duration
	// MaxClockLead is how far a boot may be ahead of our clock. Default 24 h.
	MaxClockLead time.Duration
	// JoinDials is how many seeds are tried at the same time. Default 64.
	JoinDials int
	// ReclaimAfter is how long a member must have been dead before another address
	// can take its name, by the rule AddressConflicts. Zero: that is never.
	ReclaimAfter time.Duration
	// Rules are those of the papers or of memberlist that are to be in force
	// instead of our own, for comparison; none by default.
	Rules swim.Rules
}

// swimConfig is what the protocol is told beside intervals and identity.
func (n *Node) swimConfig(memberlist bool) swim.Config {
	p := n.opts.protocol
	var secret [8]byte
	_, _ = crand.Read(secret[:]) // it never fails
	cfg := swim.Config{
		HashSeed:       binary.LittleEndian.Uint64(secret[:]),
		IndirectProbes: p.IndirectProbes, ProbeRetries: p.ProbeRetries,
		NoCoordinatedProbing: p.NoCoordinatedProbing, NoStreamProbe: p.NoStreamProbe,
		NackAfter: p.NackAfter, SuspicionMaxMult: p.SuspicionMaxMult, SuspicionConfirmations: p.SuspicionConfirmations,
		HealthMax: p.HealthMax, GossipNodes: p.GossipNodes, GossipToTheDead: p.GossipToTheDead,
		RetransmitMult: p.RetransmitMult, MaxPiggyback: p.MaxPiggyback, HealInterval: p.HealInterval,
		LeaveAcks: p.LeaveAcks, TombstoneTTL: p.TombstoneTTL, MaxClockLead: p.MaxClockLead, JoinDials: p.JoinDials,
		ReclaimAfter: p.ReclaimAfter, Rules: p.Rules,
		MaxTombstones: n.opts.limits.Tombstones, MaxMembers: n.opts.limits.Members, PacketBudget: n.opts.limits.Packet,
		// A stream brings us two frames, and as much goes out.
		FrameBudget: min(maxFrameBudget, n.opts.limits.Stream/2),
	}
	if memberlist {
		cfg = node.BesideMemberlist(cfg, n.intervals.SuspicionMult)
	}
	return cfg
}

// checkProtocol lets the protocol look at its parameters, in a world where nothing
// else is wrong.
func (n *Node) checkProtocol(memberlist bool) error {
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 1)
	codec, err := newCodec(memberlist, "n", addr, "", "")
	if err != nil {
		return err
	}
	cfg := n.swimConfig(memberlist)
	cfg.Name, cfg.Codec, cfg.Rand, cfg.Addr = "n", codec, rand.New(rand.NewPCG(1, 1)), addr
	if _, err := swim.New(cfg, 0); err != nil {
		return fmt.Errorf("protocol: %w", &ConfigError{"Protocol", "is out of range: " + strings.ReplaceAll(err.Error(), "\n", "; ")})
	}
	return nil
}

// newCodec is the wire of a member.
func newCodec(memberlist bool, name string, addr netip.AddrPort, cluster, version string) (swim.Codec, error) {
	if memberlist {
		return wirev1.New(wirev1.Config{Name: name, Addr: addr})
	}
	return wirev2.New(cluster, version)
}

// checkAddress looks at the form of the address to listen on, so that a typing
// error shows at Start also when sockets are opened much later. Whether it is ours
// shows when it is bound.
func (n *Node) checkAddress() error {
	addr := n.addr
	if strings.HasPrefix(addr, ":") {
		addr = "0.0.0.0" + addr // no host: all interfaces
	}
	_, err := transport.ParseAddr(context.Background(), formOnly{}, addr)
	return err
}

// formOnly resolves every name, so that only the form of an address is checked.
type formOnly struct{}

func (formOnly) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
}
