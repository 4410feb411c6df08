package swim

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// An exchange is one conversation on a stream. The owner moves the frames, the core
// says what is in them:
//
//	opener                                     answerer
//	Begin ──────────── open ────────────▶ Step   who I am, my prints, sums of buckets
//	Step  ◀─────────── digest ──────────  Step   who I am, rows of buckets that differ
//	Step  ──────────── delta ───────────▶ Step   what you lack, what I want
//	Step  ◀─────────── delta ───────────         what you want, what your claims lost to
//
// Where the prints agree, the digest is empty and the last frame. An opener that does
// not know whether they do sends the sum of one bucket, which is all. If they differ,
// and one bucket is too few, it gets an open for an answer, and the two change places:
//
//	Begin ──────────── open ────────────▶ Step   who I am, my prints
//	Step  ◀─────────── open ────────────  Step   who I am, my prints, sums of buckets
//	Step  ──────────── digest ──────────▶ Step   and so on, as above
//
// An opener that knows nobody sends no buckets and gets all there is as the first
// answer, as a delta. A refusal takes the place of any answer. A stream ping is two
// frames, ping and ack. On memberlist's wire a push-pull is a table each way; see
// exchange_table.go.
//
// Claims in an exchange are judged like all others, except that a death is only a
// suspicion (see accuse). What does not fit FrameBudget stays behind: the prints
// still differ, and a later exchange goes on. Each one that moves something makes
// progress.

// ExchangeID names an exchange that is under way.
type ExchangeID uint64

// DialKind says what a stream is for.
type DialKind uint8

const (
	// DialJoin: a push-pull with a seed.
	DialJoin DialKind = iota + 1
	// DialPushPull: a push-pull with a live member.
	DialPushPull
	// DialHeal: a push-pull with a lost member or a seed.
	DialHeal
	// DialPing: a direct probe on a stream.
	DialPing
)

// String returns the lower-case name of the kind.
func (k DialKind) String() string {
	names := [...]string{DialJoin: "join", DialPushPull: "push-pull", DialHeal: "heal", DialPing: "stream-ping"}
	if k > 0 && int(k) < len(names) {
		return names[k]
	}
	return "unknown"
}

// A Dial is a stream that the core wants opened. The owner answers with Begin when
// it is connected, or HandleDialError.
type Dial struct {
	ID   uint64
	Kind DialKind
	Addr netip.AddrPort
	Name string // of the member at Addr, if known
	Wire uint8  // where a member speaks two: which; see [Batch.Wire]

	seq    SeqNo // of the probe that a stream ping serves
	join   uint64
	differ bool // the prints are known to
}

// stage says which frame an exchange waits for.
type stage uint8

const (
	awaitOpen     stage = iota // answerer: open or ping
	awaitAnswer                // who has sent an open: digest, or delta when it knows nobody
	awaitDelta                 // who has sent a digest: delta
	awaitAnswerTo              // who has sent a delta: the last one
	awaitAck                   // opener of a stream ping
	over                       // nothing: the answer is the last frame
)

type exchange struct {
	dial    Dial // of what we opened
	ours    bool
	stage   stage
	addr    netip.AddrPort
	peer    string // known once its first frame was read
	started time.Duration
	fresh   bool   // the opener knew nobody
	prints  Prints // ours when it began
	theirs  Prints
	moved   int
	grown   int // live members that it has brought
	buckets int // how many sums we have sent
}

// source is how far the claims of an exchange are trusted.
func (x *exchange) source() source {
	if x.ours && x.dial.Kind == DialJoin {
		return fromJoin
	}
	return fromExchange
}

func (c *Core) nextDial() uint64 {
	c.nextID++
	return c.nextID
}

// Lend gives room for the frames that Begin and Step return, from now on until it is
// called again, with nil to take the room back. It is for those who have room of large
// frames already: what does not fit is allocated.
func (c *Core) Lend(room []byte) { c.lent = room }

// Begin starts the exchange of a dial whose stream is open, and returns the first
// frame to send.
func (c *Core) Begin(now time.Duration, d Dial) (ExchangeID, []byte, error) {
	if c.replaced {
		c.HandleDialError(now, d, ErrReplaced)
		return 0, nil, ErrReplaced
	}
	x := &exchange{dial: d, ours: true, addr: d.Addr, started: now, prints: c.prints}
	if d.Kind == DialPing {
		x.stage = awaitAck
		f := Frame{Kind: FramePing, ClusterID: c.cfg.ClusterID, Seq: d.seq, Name: d.Name}
		return c.addExchange(x), c.codec.AppendFrame(nil, &f), nil
	}
	x.stage = awaitAnswer
	if c.carries.Tables {
		x.fresh = c.size() == 1
		return c.addExchange(x), c.appendFrame(c.tableFrame(d.Kind == DialJoin)), nil
	}
	x.fresh = c.size() == 1 || c.cfg.Rules.WholeTables
	f := Frame{
		Kind: FrameOpen, ClusterID: c.cfg.ClusterID, Version: c.cfg.Version, Join: d.Kind == DialJoin,
		Self: c.recordOf(selfRef), Prints: c.prints,
	}
	if !x.fresh {
		x.buckets = 1
		if d.differ {
			x.buckets = bucketCount(c.sizeAlive())
		}
		f.Buckets = c.sumBuckets(x.buckets)
	}
	return c.addExchange(x), c.codec.AppendFrame(nil, &f), nil
}

// Accept starts an exchange that somebody else opened.
func (c *Core) Accept(now time.Duration, from netip.AddrPort) ExchangeID {
	return c.addExchange(&exchange{stage: awaitOpen, addr: from, started: now, prints: c.prints})
}

func (c *Core) addExchange(x *exchange) ExchangeID {
	c.exchangeID++
	c.exchanges[c.exchangeID] = x
	return c.exchangeID
}

// Step takes the next frame of an exchange. It returns the frame to send, if any;
// whether the exchange is over, once that is sent; and an error, after which it is
// over as well. A refusal is a [*RefusedError].
func (c *Core) Step(now time.Duration, id ExchangeID, frame []byte) (reply []byte, done bool, err error) {
	x, ok := c.exchanges[id]
	if !ok {
		return nil, true, ErrUnknownExchange
	}
	if c.replaced {
		c.endExchange(now, id, x, ErrReplaced)
		return nil, true, ErrReplaced
	}
	c.keepPeriods(now)
	f, err := c.codec.ParseFrame(frame)
	if err != nil {
		c.drop(DropMalformed)
		c.endExchange(now, id, x, err)
		return nil, true, err
	}
	if f.Kind == FrameTable && x.stage == awaitOpen {
		reply, err = c.answerTable(now, x, f)
		c.endExchange(now, id, x, err)
		return reply, true, err
	}
	size := c.sizeAlive()
	answer, err := c.stepFrame(now, x, f)
	x.grown += c.sizeAlive() - size
	if answer != nil {
		reply = c.appendFrame(answer)
	}
	done = err != nil || answer == nil || answer.isLast() || x.stage == over
	if done {
		c.endExchange(now, id, x, err)
	}
	return reply, done, err
}

// isLast reports whether nothing follows a frame, wherever it is sent.
func (f *Frame) isLast() bool { return f.Kind == FrameRefuse || f.Kind == FrameAck }

// Abort ends an exchange whose stream broke. Ending one that is over is fine.
func (c *Core) Abort(now time.Duration, id ExchangeID, err error) {
	if x, ok := c.exchanges[id]; ok {
		c.endExchange(now, id, x, err)
	}
}

// HandleDialError says that the stream of a dial could not be opened.
func (c *Core) HandleDialError(now time.Duration, d Dial, err error) {
	c.concludeDial(now, d, err)
	if d.Kind != DialPing {
		c.stats.ExchangesFailed++
		c.emit(Event{Kind: EventExchanged, At: now, Addr: d.Addr, Name: d.Name, Ours: true, Err: err})
	}
}

// concludeDial lets go of what waited for a dial.
func (c *Core) concludeDial(now time.Duration, d Dial, err error) {
	switch d.Kind {
	case DialPushPull:
		c.outgoing--
		if err != nil {
			c.failedAt = now
		}
	case DialHeal:
		c.healing = false
	case DialJoin:
		c.concludeSeed(now, d, err)
	}
}

func (c *Core) endExchange(now time.Duration, id ExchangeID, x *exchange, err error) {
	delete(c.exchanges, id)
	if x.ours {
		c.concludeDial(now, x.dial, err)
	}
	if x.stage == awaitAck || x.stage == awaitOpen && err == nil {
		return // a stream ping
	}
	if err == nil {
		c.noteCompared(now, x)
	}
	switch {
	case err != nil:
		c.stats.ExchangesFailed++
	case x.moved == 0 && x.prints == c.prints:
		c.stats.ExchangesIdle++
		if x.ours {
			c.compared.add(x.prints, x.theirs)
		}
	default:
		c.stats.Exchanges++
	}
	c.emit(Event{
		Kind: EventExchanged, At: now, Addr: x.addr, Name: x.peer, Ours: x.ours, Moved: x.moved,
		RTT: now - x.started, Err: err,
	})
}

// stepFrame answers one frame, or returns nil when nothing more is to be sent.
func (c *Core) stepFrame(now time.Duration, x *exchange, f *Frame) (*Frame, error) {
	switch {
	case f.Kind == FrameRefuse && x.ours && x.stage != awaitAck:
		return nil, c.handleRefusal(now, x, f)
	case f.Kind == FramePing && x.stage == awaitOpen:
		return c.answerStreamPing(f)
	case f.Kind == FrameAck && x.stage == awaitAck:
		c.settleStreamPing(now, x, f)
		return nil, nil
	case f.Kind == FrameTable && x.stage == awaitAnswer:
		return nil, c.takeTable(now, x, f)
	case f.Kind == FrameError && x.ours:
		return nil, fmt.Errorf("%w: %q", ErrPeerError, f.Text)
	case f.Kind == FrameUser && x.stage == awaitOpen:
		return nil, nil // of an application that shares the wire
	case f.Kind == FrameOpen && x.stage == awaitOpen:
		return c.answerOpen(now, x, f)
	case f.Kind == FrameOpen && x.stage == awaitAnswer && x.ours && !x.fresh && len(f.Buckets) > 0:
		return c.answerSums(now, x, f)
	case f.Kind == FrameDelta && x.stage == awaitAnswer && x.fresh:
		return c.takeSnapshot(now, x, f), nil
	case f.Kind == FrameDigest && x.stage == awaitAnswer && !x.fresh:
		return c.answerDigest(now, x, f), nil
	case f.Kind == FrameDelta && x.stage == awaitDelta:
		return c.answerDelta(now, x, f), nil
	case f.Kind == FrameDelta && x.stage == awaitAnswerTo:
		c.takeDelta(now, x, f, x.source())
		return nil, nil
	}
	return nil, fmt.Errorf("%w: kind %d", ErrUnexpectedFrame, f.Kind)
}

// takeSnapshot takes in all there is, and answers with what only we can know. What
// a snapshot brings is known to the others, so it is not gossiped on.
func (c *Core) takeSnapshot(now time.Duration, x *exchange, f *Frame) *Frame {
	x.stage = awaitAnswerTo
	if c.cfg.Rules.WholeTables {
		answer := c.snapshot(f.Self.Name) // what we held before
		c.takeDelta(now, x, f, x.source())
		return answer
	}
	c.takeDelta(now, x, f, fromSnapshot)
	answer := &Frame{Kind: FrameDelta}
	c.addDelta(answer, c.newBudget(), selfRef, nil)
	answer.Self = c.recordOf(selfRef)
	return answer
}

// answerStreamPing acks a probe on a stream, as a packet would.
func (c *Core) answerStreamPing(f *Frame) (*Frame, error) {
	if !c.carries.Tables && f.ClusterID != c.cfg.ClusterID {
		c.drop(DropCluster)
		return nil, fmt.Errorf("stream ping: cluster id mismatch: ours %q, theirs %q", c.cfg.ClusterID, f.ClusterID)
	}
	if f.Name != c.self().name() || c.leaving.active() && c.carries.LeaveAcks {
		c.drop(DropWrongTarget)
		return nil, fmt.Errorf("stream ping for %q, who does not live here", f.Name)
	}
	return &Frame{Kind: FrameAck, Seq: f.Seq}, nil
}

// settleStreamPing settles the probe that the stream served, if it still waits.
func (c *Core) settleStreamPing(now time.Duration, x *exchange, f *Frame) {
	a, ok := c.awaited[f.Seq]
	if !ok || a.relay || f.Seq != x.dial.seq {
		c.drop(DropStaleAck)
		return
	}
	c.stats.StreamAcks++
	c.settleProbe(now, a.ref, false, Prints{}, PrintsAbsent)
}

// handleRefusal turns a refusal into a typed error and an event.
func (c *Core) handleRefusal(now time.Duration, x *exchange, f *Frame) error {
	c.stats.RefusalsReceived++
	if r, ok := c.resident(x.addr); ok && r != selfRef {
		c.at(r).unwanted = true
	}
	if slices.Contains(c.cfg.Seeds, x.addr) {
		if c.refusedAt == nil {
			c.refusedAt = map[netip.AddrPort]time.Duration{}
		}
		c.refusedAt[x.addr] = now
	}
	r := f.Refusal
	c.emit(Event{Kind: EventRefused, At: now, Addr: x.addr, Name: r.Name, Refusal: &r, Ours: true})
	if f.Refusal.Reason == RefusedGeneration && x.dial.Kind != DialJoin {
		// We were members, and are refused for our age: a newer node has our name.
		higher, _ := strconv.ParseUint(f.Refusal.Ours, 10, 64)
		c.becomeReplaced(now, x.addr, Stamp{Life: Life{Generation: Generation(higher)}})
	}
	return &RefusedError{Refusal: f.Refusal, Peer: x.addr.String()}
}

// refuse answers an open that is not for us.
func (c *Core) refuse(now time.Duration, x *exchange, reason RefusalReason, ours, theirs string) *Frame {
	c.stats.RefusalsSent++
	r := Refusal{Reason: reason, Ours: ours, Theirs: theirs, Name: c.self().name()}
	c.emit(Event{Kind: EventRefused, At: now, Addr: x.addr, Name: x.peer, Refusal: &r})
	return &Frame{Kind: FrameRefuse, Refusal: r}
}
