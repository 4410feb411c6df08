package swim

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"
)

// A Core is one member's view of the group and the protocol that keeps it true:
// SWIM (Das, Gupta, Motivala 2002) with the Lifeguard extensions (Dadgar, Phillips,
// Currey 2018). It does no I/O, reads no clock and starts nothing. Its methods are
// of four kinds:
//
//   - HandleX(now, …): something happened to us.
//   - Commands (Join, Leave, SetMeta, Touch, Ping, Begin, Accept, Step): the owner
//     wants something.
//   - Outputs (TakePackets, TakeDials, TakeEvents, NextDeadline): what we want
//     done. Drain them after every call of the first two kinds.
//   - Queries (Members, Member, Health, Stats …): no side effect at all.
//
// now is monotonic time since an origin of the owner's choice, and must not go
// backwards. A Core is not safe for concurrent use: whoever owns it holds one
// lock. It keeps no slice that it is given.
type Core struct {
	table

	cfg     Config
	codec   Codec
	rider   Rider
	carries Carries // of the codec

	wallKnown  bool
	wallOffset time.Duration // wall clock = Unix epoch + wallOffset + now
	deadlines  deadlines
	health     health
	cutOff     cutOff
	leaving    leaving

	prints      Prints        // of both tables
	tally       tally         // what they are made of
	ownState    uint64        // our own part of prints.State
	printsNoted Prints        // what they were when last noted
	printsSince time.Duration // when they last changed

	queues    [numNews]queue
	sendLimit int           // sends of one piece of news, by the size of the group
	lastRound time.Duration // of gossip
	firstTick time.Duration // of the gossip clock, whose phase is our own; see armGossip
	gossip    timer         // armed only while there is news

	schedule schedule // of coordinated probing

	probes    pool[probe]
	relays    pool[relay]
	awaited   map[SeqNo]awaited
	seq       SeqNo
	heard     uint64    // packets from members so far
	rtt       roundTrip // to anyone: taken for that to a member while none is known
	periodDue bool      // a period is due, and waits for the probe of the last one

	healing     bool // we are trying a lost member, which may take long to fail
	replaced    bool // a higher life of our name exists: we are nobody
	showsPrints bool // pings and acks carry fingerprints

	tombstones tombstones
	forgotten  forgotten
	strays     []stray
	candidates map[string]ref                   // probes of names heard from third parties only
	refusedAt  map[netip.AddrPort]time.Duration // seeds that refused us

	exchanges  map[ExchangeID]*exchange
	exchangeID ExchangeID
	lent       []byte // room for their frames
	outgoing   int    // push-pulls with live members that we opened: at most one
	compared   compared
	failedAt   time.Duration // when a push-pull with a live member failed last
	gap        gap
	catchUp    catchUp
	joins      []*join
	nextID     uint64

	stats   Counters
	packets Batch
	dials   []Dial
	events  []Event

	// Scratch of the packet that is being read or built.
	in, out  Message
	start    int
	headroom int // what the codec adds to a packet when it finishes it
	perPart  int // and for each message
	parts    []int
	sent     [numNews][]ref
	loaded   [numNews]bool // what the packet has news of
	turn     bool          // which kind of news leads, in turns
	name     []byte
	from     []byte
	meta     []byte
	rumour   []byte
	chosen   []ref
	swapped  []int32 // places of the probe order, see chooseLive
}

// New returns a core that knows nobody but itself, at incarnation 1. Its timers
// run from now on; the first protocol period begins at a random point within one
// interval, so that members started together do not act together.
//
// The error names every field of cfg that is out of range.
func New(cfg Config, now time.Duration) (*Core, error) {
	cfg = cfg.withDefaults()
	cfg.NoCoordinatedProbing = cfg.NoCoordinatedProbing || cfg.Wall.IsZero()
	cfg.Seeds = slices.Clone(cfg.Seeds)
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("swim configuration: %w", err)
	}
	records := cfg.Records
	if cfg.Records = nil; records == nil {
		records = &Records{}
	}
	c := &Core{
		cfg: cfg, codec: cfg.Codec, rider: cfg.Rider,
		table:       table{records: records, seed: newHashSeed(cfg.HashSeed), began: now},
		health:      health{max: cfg.HealthMax},
		cutOff:      cutOff{since: -1},
		awaited:     map[SeqNo]awaited{},
		exchanges:   map[ExchangeID]*exchange{},
		lastRound:   now - cfg.GossipInterval,
		failedAt:    now - cfg.ProbeInterval,
		carries:     cfg.Codec.Carries(),
		showsPrints: cfg.Codec.Carries().Prints && !cfg.Rules.NoPrints,
		headroom:    cfg.Codec.PacketOverhead() - len(cfg.Codec.BeginPacket(nil)),
		perPart:     cfg.Codec.MessageOverhead(),
	}
	for k := range c.queues {
		c.queues[k].kind = news(k)
	}
	c.SetWall(now, cfg.Wall)
	// An ack is matched by its number alone: a random start makes the numbers of a
	// former run useless.
	c.seq = SeqNo(c.rand(1 << 16))

	own := Claim{Name: cfg.Name, Addr: cfg.Addr, Meta: cfg.Meta, Stamp: Stamp{Life: c.ownLife(cfg.Life), Incarnation: 1}}
	if c.carries.Versions {
		own.Versions = cmp.Or(cfg.Versions, MemberlistVersions())
	}
	c.accept(now, c.insert(own), own)
	c.rider.BeginLife(cfg.Name, own.Stamp.Life)
	c.addPrint(c.self())
	c.notePrints(now)
	c.resize()

	var phase time.Duration
	if !c.cfg.NoCoordinatedProbing {
		c.startSchedule(now)
	} else {
		phase = c.armAfter(now, c.cfg.ProbeInterval, wakePeriod)
	}
	c.armAfter(now, c.cfg.PushPullInterval, wakePushPull)
	c.armHeal(now)
	if c.cfg.ProbeInterval == 0 || !c.cfg.NoCoordinatedProbing {
		phase = c.randDuration(c.cfg.GossipInterval)
	}
	if c.cfg.GossipInterval > 0 {
		c.firstTick = now + phase%c.cfg.GossipInterval
	}
	return c, nil
}

// ownLife is our life as it goes on the wire.
func (c *Core) ownLife(l Life) Life {
	if !c.hasLives() {
		return Life{}
	}
	return l
}

// armAfter arms a loop at a random point within its first interval, and returns how far
// away that is. Zero: never.
func (c *Core) armAfter(now, interval time.Duration, w wake) (phase time.Duration) {
	if interval > 0 {
		phase = c.randDuration(interval)
		c.deadlines.set(now+phase, w, noRef)
	}
	return phase
}

// rand is where all chance comes from.
func (c *Core) rand(n int) int { return c.cfg.Rand.IntN(n) }

// randDuration is a random duration in [0, d), in whole milliseconds when there
// are enough of them.
func (c *Core) randDuration(d time.Duration) time.Duration {
	// The bound keeps int whole on 32 bits: 24 days.
	if ms := min(d/time.Millisecond, math.MaxInt32); ms > 1 {
		return time.Duration(c.rand(int(ms))) * time.Millisecond
	}
	return 0
}

// resize follows a change of the number of live members.
func (c *Core) resize() {
	n := c.sizeAlive()
	c.retally()
	if c.cfg.Rules.NaturalRetransmits {
		c.sendLimit = c.cfg.RetransmitMult * naturalLog(n)
		return
	}
	c.sendLimit = retransmitLimit(c.cfg.RetransmitMult, n)
}

// self is our own row.
func (c *Core) self() member { return c.at(selfRef) }

// HandleTimeout does everything that was due at or before now.
func (c *Core) HandleTimeout(now time.Duration) {
	if c.replaced {
		return
	}
	c.forgiveStall(now)
	c.keepPeriods(now)
	for w, r, ok := c.deadlines.pop(now); ok; w, r, ok = c.deadlines.pop(now) {
		switch w {
		case wakePeriod:
			c.schedule.timer = 0
			c.startPeriod(now)
		case wakeTurn:
			c.schedule.due = 0
			c.takeTurn(now, c.schedule.target)
		case wakeSilence:
			c.hearSilence(now)
		case wakeProbe:
			c.continueProbe(now, r)
		case wakeRelay:
			c.continueRelay(now, r)
		case wakeSuspicion:
			c.declareDead(now, r)
		case wakeGossip:
			c.gossipRound(now)
		case wakePushPull:
			c.comparePeriodically(now)
		case wakeCatchUp:
			c.catchUpNow(now)
		case wakeHeal:
			c.heal(now)
		case wakeReap:
			c.reap(now)
		case wakeSweep:
			c.sweep(now)
		case wakeLeave:
			c.continueLeave(now)
		}
	}
}

// NextDeadline is when HandleTimeout wants to be called next; ok is false when
// nothing is pending.
func (c *Core) NextDeadline() (at time.Duration, ok bool) {
	if c.replaced {
		return 0, false
	}
	return c.deadlines.next()
}

// TakePackets moves the datagrams to send into out, and recycles what out held.
// They are the caller's until it passes out again.
func (c *Core) TakePackets(out *Batch) {
	if c.replaced {
		c.packets.Reset()
	}
	if c.queued() > 0 {
		out.Reset()
	} else {
		out.calm()
	}
	if c.packets.Len() > 0 {
		c.packets, *out = *out, c.packets
	}
}

// TakeEvents moves the events since the last call into out, and recycles what out
// held: the slices are swapped.
func (c *Core) TakeEvents(out *[]Event) {
	takeAll(&c.events, out)
}

// TakeDials moves the streams to open into out, as TakeEvents does.
func (c *Core) TakeDials(out *[]Dial) {
	takeAll(&c.dials, out)
}

// takeAll moves what is in one buffer into another, whose old contents are the caller's
// no more. Nothing does not move: where several owners of buffers take turns, most of
// which get nothing, one pair of buffers serves them all.
func takeAll[T any](from, out *[]T) {
	*out = recycle(*out, maxRecycled)
	if len(*from) > 0 {
		*from, *out = *out, *from
	}
}

// maxRecycled is how many events, dials or the like a buffer may have room for to be
// used again. At rest an input brings one of a kind. A join or a partition brings
// thousands of events at once; the buffers for them, at two hundred bytes each, shall
// not stay.
const maxRecycled = 1

// recycle empties a buffer for the next use, or lets it go if it has room for more than
// most items.
func recycle[T any](s []T, most int) []T {
	if cap(s) > most {
		return nil
	}
	clear(s)
	return s[:0]
}

// SetWall says what the wall clock reads at now. It may jump. Boots are compared
// with it, and coordinated probing follows it; with the zero time, neither is so.
func (c *Core) SetWall(now time.Duration, wall time.Time) {
	known, offset := !wall.IsZero(), time.Duration(wall.UnixNano())-now
	if known != c.wallKnown || known && (offset-c.wallOffset).Abs() > c.cfg.ProbeTimeout/100 {
		c.decideAnew()
	}
	if c.wallKnown = known; known {
		c.wallOffset = offset
	}
}

// SetMeta changes the data that travels with our alive claim. It is an error,
// and nothing changes, if meta has more than MaxMetaLen bytes.
func (c *Core) SetMeta(now time.Duration, meta []byte) error {
	if len(meta) > MaxMetaLen {
		return fmt.Errorf("meta has %d bytes, limit %d", len(meta), MaxMetaLen)
	}
	m := c.self()
	if m.hasMeta(meta) {
		return nil
	}
	c.rewrite(selfRef, Claim{Addr: m.addr(), Stamp: c.records.stamp(m.record), Meta: meta, Versions: m.versions()})
	if c.leaving.active() || c.replaced {
		return nil // we make no more claims to be alive
	}
	c.raise(now, m.stamp().Incarnation) // an equal claim would tell nobody anything
	return nil
}

// Touch says that our own riding state changed; base is the mark of what it was
// before. It spreads if we are live. With the name of another member it only spreads
// again what is held of that: nothing but Merge changes it.
func (c *Core) Touch(now time.Duration, name string, base uint64) {
	r, ok := c.find(name)
	if !ok {
		return
	}
	if r == selfRef {
		c.restate(now, c.self(), c.ownState)
	}
	if c.at(r).state.live() {
		c.disseminate(now, r, newsRumour, base)
	}
}

// Unwant says that a member is gone for good: healing does not look for it.
func (c *Core) Unwant(name string) {
	if r, ok := c.find(name); ok {
		c.at(r).unwanted = true
	}
	c.strays = slices.DeleteFunc(c.strays, func(s stray) bool { return s.name == name })
}

func (c *Core) emit(e Event) { c.events = append(c.events, e) }
