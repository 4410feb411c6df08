package swim

import (
	"iter"
	"net/netip"
	"time"
)

// Info is what we hold about one member.
type Info struct {
	Name  string
	Addr  netip.AddrPort
	Meta  []byte // read-only
	Stamp Stamp
	State State
	// Since is when it entered its state: for the alive, to a tenth of a second.
	Since time.Duration
	// Heard is when we last had a packet from it, to a tenth of a second; -1: never.
	Heard time.Duration
	// RTT is the smoothed round trip of direct probes; 0: not measured.
	RTT time.Duration
	// Self marks ourselves.
	Self bool
	// Private marks a verdict that we formed while cut off and told nobody.
	Private bool
}

// Members yields everyone we know, tombstones included, ourselves first, the rest
// in a fixed but arbitrary order.
func (c *Core) Members() iter.Seq[Info] {
	return func(yield func(Info) bool) {
		for r := range c.all() {
			if !yield(c.info(r)) {
				return
			}
		}
	}
}

// Member returns what we hold about one member.
func (c *Core) Member(name string) (Info, bool) {
	r, ok := c.find(name)
	if !ok {
		return Info{}, false
	}
	return c.info(r), true
}

// LifeOf is the life in which we have met a member. A [Rider] may ask for it, and from
// BeginLife on is told the new one.
func (c *Core) LifeOf(name string) (Life, bool) {
	r, ok := c.find(name)
	if !ok {
		return Life{}, false
	}
	return c.at(r).met(), true
}

func (c *Core) info(r ref) Info {
	m := c.at(r)
	return Info{
		Name: m.name(), Addr: m.addr(), Meta: m.meta(), Stamp: m.stamp(), State: m.state, Since: m.since(),
		Heard: m.heard(), RTT: m.rtt.smoothed.duration(), Self: r == selfRef, Private: m.private(),
	}
}

// Self is our own stamp. It changes when we refute.
func (c *Core) Self() Stamp { return c.self().stamp() }

// Health is our local health score: 0 is healthy.
func (c *Core) Health() int { return c.health.score }

// Queued is how much news waits to be sent: at most one piece of each kind for each
// member.
func (c *Core) Queued() int { return c.queued() }

// CutOff reports whether we hear from nobody.
func (c *Core) CutOff() bool { return c.cutOff.since >= 0 }

// Replaced reports whether a higher life of our name exists.
func (c *Core) Replaced() bool { return c.replaced }

// Alive is how many members we list, ourselves included: the alive and the suspect.
func (c *Core) Alive() int { return c.sizeAlive() }

// Fingerprints are those that our pings carry now.
func (c *Core) Fingerprints() Prints { return c.prints }

// Stats are the counters and gauges of a core.
type Stats struct {
	Counters

	// Gauges, read at the call.
	Alive, Suspect, Dead, Left int // ourselves included
	QueuedClaims               int
	QueuedRumours              int
	RetransmitLimit            int
	Health                     int
	OpenExchanges              int
	OpenProbes                 int
}

// Counters count what has happened since New.
type Counters struct {
	PacketsIn, PacketsOut uint64
	BytesIn, BytesOut     uint64 // of packets, before the transport's layers
	MessagesIn            [numKinds]uint64
	MessagesOut           [numKinds]uint64
	MessageBytesIn        [numKinds]uint64 // of the messages alone
	MessageBytesOut       [numKinds]uint64
	Drops                 [numDrops]uint64
	SendErrors            uint64

	Probes            uint64 // with all their stages: one in a protocol period, and those of the silent
	CoordinatedProbes uint64 // of these, those whose target the common schedule chose
	SilentProbes      uint64 // of these, those of members that had not pinged us in their turn
	ProbeRetries      uint64 // direct pings sent again within a period
	ProbeFailures     uint64 // probes that nothing answered
	IndirectProbes    uint64 // ping-reqs sent
	Relays            uint64 // ping-reqs served
	Acks              uint64 // by packet
	StreamAcks        uint64 // by stream
	Nacks             uint64
	Suspicions        uint64 // members that became suspect here
	Confirmations     uint64
	Deaths            uint64 // members that became dead here
	Refutations       uint64 // by ourselves
	Conflicts         uint64
	CutOffs           uint64
	Stalls            uint64 // times when our timers were late by more than ProbeTimeout

	GossipRounds     uint64
	RumoursMerged    uint64
	Compares         uint64 // asked for on PushPullInterval
	ComparesInSync   uint64 // prints that were equal
	Exchanges        uint64 // push-pulls that moved something
	ExchangesIdle    uint64 // … nothing
	ExchangesFailed  uint64
	RefusalsSent     uint64
	RefusalsReceived uint64
	HealAttempts     uint64
}

// NumKinds is the number of message kinds, KindUnknown included.
const NumKinds = int(numKinds)

// Stats returns the counters and gauges.
func (c *Core) Stats() Stats {
	s := Stats{Counters: c.stats}
	for _, m := range c.all() {
		switch m.state {
		case Alive:
			s.Alive++
		case Suspect:
			s.Suspect++
		case Dead:
			s.Dead++
		case Left:
			s.Left++
		}
	}
	s.QueuedClaims, s.QueuedRumours = c.queues[newsClaim].depth, c.queues[newsRumour].depth
	s.RetransmitLimit, s.Health = c.sendLimit, c.health.score
	s.OpenExchanges, s.OpenProbes = len(c.exchanges), c.probes.used
	return s
}

// Add adds the counters and gauges of another core of the same node: of a bridge's.
// Health and RetransmitLimit are the greater of both.
func (s *Stats) Add(o Stats) {
	sums, terms := s.sums(), o.sums()
	for i := range sums {
		*sums[i] += *terms[i]
	}
	for i, into := range [][]uint64{s.MessagesIn[:], s.MessagesOut[:], s.MessageBytesIn[:], s.MessageBytesOut[:], s.Drops[:]} {
		from := [][]uint64{o.MessagesIn[:], o.MessagesOut[:], o.MessageBytesIn[:], o.MessageBytesOut[:], o.Drops[:]}[i]
		for k := range into {
			into[k] += from[k]
		}
	}
	for _, g := range []struct{ into, from *int }{
		{&s.Alive, &o.Alive}, {&s.Suspect, &o.Suspect}, {&s.Dead, &o.Dead}, {&s.Left, &o.Left},
		{&s.QueuedClaims, &o.QueuedClaims}, {&s.QueuedRumours, &o.QueuedRumours},
		{&s.OpenExchanges, &o.OpenExchanges}, {&s.OpenProbes, &o.OpenProbes},
	} {
		*g.into += *g.from
	}
	s.RetransmitLimit, s.Health = max(s.RetransmitLimit, o.RetransmitLimit), max(s.Health, o.Health)
}

// sums are the counters that are numbers.
func (s *Counters) sums() []*uint64 {
	return []*uint64{
		&s.PacketsIn, &s.PacketsOut, &s.BytesIn, &s.BytesOut, &s.SendErrors,
		&s.Probes, &s.CoordinatedProbes, &s.SilentProbes, &s.ProbeRetries, &s.ProbeFailures, &s.IndirectProbes, &s.Relays,
		&s.Acks, &s.StreamAcks, &s.Nacks, &s.Suspicions, &s.Confirmations, &s.Deaths, &s.Refutations,
		&s.Conflicts, &s.CutOffs, &s.Stalls,
		&s.GossipRounds, &s.RumoursMerged, &s.Compares, &s.ComparesInSync,
		&s.Exchanges, &s.ExchangesIdle, &s.ExchangesFailed, &s.RefusalsSent, &s.RefusalsReceived, &s.HealAttempts,
	}
}
