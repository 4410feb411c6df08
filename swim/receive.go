package swim

import (
	"net/netip"
	"time"
)

// HandlePacket takes a datagram. Bytes that are not what they claim to be change
// nothing and are counted by reason; the other messages of their packet count, as far
// as the wire tells where they begin. b may be reused when it returns.
func (c *Core) HandlePacket(now time.Duration, from netip.AddrPort, b []byte) {
	c.stats.PacketsIn++
	c.stats.BytesIn += uint64(len(b))
	if c.replaced {
		c.drop(DropLeaving)
		return
	}
	rest, drop := c.codec.OpenPacket(b)
	if drop != DropNone {
		c.drop(drop)
		return
	}
	c.keepPeriods(now)
	sender, known := c.resident(from)
	if known {
		c.heardFrom(now, sender)
	} else {
		sender = noRef
	}
	var p incoming
	p.from, p.sender = from, sender
	var rumours Messages // the packet from the first of them on
	for rest.Len() > 0 {
		at := rest
		claim, behind, alive := c.codec.CutAlive(at)
		if p.sum = 0; alive {
			p.sum = c.sumOf(claim)
			if r, ok := c.findEcho(p.sum); ok {
				c.noteCopy(r, newsClaim)
				rest = behind
				c.countIn(KindAlive, at, rest)
				continue // most claims say what is known, in words that are
			}
		}
		next, ok := c.codec.NextMessage(at, &c.in)
		rest = next
		if !ok {
			c.drop(DropMalformed)
			continue
		}
		c.countIn(c.in.Kind, at, rest)
		if rest.Len() != behind.Len() {
			p.sum = 0 // it does not end where it looks so
		}
		if p.sender == noRef && c.in.ReplyTo.IsValid() {
			// It sends from another address than the one where it lives.
			if sender, known = c.resident(c.in.ReplyTo); known {
				p.sender = sender
				c.heardFrom(now, sender)
			}
		}
		if c.in.Kind != KindRumour {
			c.handleMessage(now, &p, &c.in)
		} else if rumours.Len() == 0 {
			rumours = at
		}
	}
	if rumours.Len() > 0 {
		c.handleRumours(now, rumours)
	}
}

// countIn counts the message between two states of a packet.
func (c *Core) countIn(k Kind, before, after Messages) {
	c.stats.MessagesIn[k]++
	c.stats.MessageBytesIn[k] += uint64(before.Len() - after.Len())
}

// incoming is what the messages of one packet have in common.
type incoming struct {
	from    netip.AddrPort
	sender  ref    // the member at that address, or noRef
	accused bool   // an earlier message accused us
	sum     uint64 // of the words of this message, if it is a claim; see echo
}

func (c *Core) handleMessage(now time.Duration, p *incoming, msg *Message) {
	switch msg.Kind {
	case KindPing:
		c.handlePing(now, p, msg)
	case KindPingReq:
		c.handlePingReq(now, p, msg)
	case KindAck:
		c.handleAck(now, p, msg)
	case KindNack:
		c.handleNack(now, msg)
	case KindAlive:
		c.handleAlive(now, p, msg)
	case KindSuspect, KindDead:
		p.accused = c.handleAccusation(now, msg, fromGossip) || p.accused
		c.ackLeave(p, msg)
	case KindLeaveAck:
		c.handleLeaveAck(now, p.sender, msg)
	case KindUser:
		// Of an application that shares the wire with us: not ours, and no mistake.
	default:
		c.drop(DropUnknownKind)
	}
}

// answerTo is where the answer to a ping or ping-req goes: where its sender says that
// it lives, on a wire that tells, else where it came from.
func (p *incoming) answerTo(msg *Message) netip.AddrPort {
	if msg.ReplyTo.IsValid() {
		return msg.ReplyTo
	}
	return p.from
}

func (c *Core) drop(d Drop) { c.stats.Drops[d]++ }

// handlePing acks. If the ping told us that we are accused, what we say of
// ourselves goes first; and if we accuse the sender, so does that: neither side
// has to wait for gossip.
func (c *Core) handlePing(now time.Duration, p *incoming, msg *Message) {
	if string(msg.Name) != c.self().name() {
		c.drop(DropWrongTarget)
		return
	}
	to, seq, prints, seen := p.answerTo(msg), msg.Seq, msg.Prints, msg.Seen
	c.notePeriod(now, p, msg)
	leaving := c.leaving.active()
	if leaving && c.carries.LeaveAcks {
		// A leaving node answers "left", and nothing else.
		c.sendClaim(to, selfRef)
		return
	}
	c.openPacket()
	plain := c.cfg.Rules.plainAcks()
	if leaving || p.accused && !plain {
		c.claimOf(selfRef)
		c.must()
	}
	if p.sender != noRef && !plain {
		if m := c.at(p.sender); m.state != Alive && !m.private() {
			c.claimOf(p.sender)
			c.must()
		}
	}
	if p.sender == noRef && !plain {
		c.addBuriedName(msg.From)
	}
	ack := c.write(KindAck)
	ack.Seq = seq
	if c.showsPrints {
		ack.Prints, ack.Seen = c.prints, PrintsGiven
		if seen == PrintsGiven && prints == c.prints {
			ack.Seen = PrintsSame
		}
	}
	c.must()
	if p.sender != noRef {
		// Whoever we do not know gets no more than it sent: a forged sender's
		// address shall not turn us into an amplifier.
		c.piggyback()
	}
	c.closePacket(to)
	if p.sender != noRef && seen == PrintsGiven && c.showsPrints {
		c.comparePrints(now, p.sender, prints, false)
	}
}

// addBuriedName tells somebody who is nobody's resident, but has the name of a member
// that we hold dead or gone, what we hold of it: it has come back at another address on
// a wire where its claim to be alive is at an incarnation of its former run, and has to
// refute before anybody lists it.
func (c *Core) addBuriedName(name []byte) {
	if len(name) == 0 {
		return
	}
	if r, ok := c.lookup(name); ok && c.at(r).buried() && !c.at(r).private() {
		c.claimOf(r)
		c.must()
	}
}

// sendClaim sends our claim about one member, and nothing else.
func (c *Core) sendClaim(to netip.AddrPort, r ref) {
	c.openPacket()
	c.claimOf(r)
	c.must()
	c.closePacket(to)
}

// handleAck settles the probe or relay that waits for the number.
func (c *Core) handleAck(now time.Duration, p *incoming, msg *Message) {
	a, ok := c.awaited[msg.Seq]
	if !ok {
		c.drop(DropStaleAck)
		return
	}
	c.stats.Acks++
	if a.relay {
		c.settleRelay(now, a.ref)
		return
	}
	c.settleProbe(now, a.ref, unmapped(c.probes.at(a.ref).addr) == p.from, msg.Prints, msg.Seen)
}

// heardFrom notes a packet or frame from a member: we are not cut off, and what
// we held against it in secret is withdrawn.
func (c *Core) heardFrom(now time.Duration, r ref) {
	if r == selfRef {
		return // our address was forged
	}
	c.heard++
	c.at(r).lastHeard = c.momentOf(now)
	if c.at(r).private() {
		c.withdraw(now, r)
	}
	c.endCutOff(now)
}

// handleRumours merges news of the riding state and passes it on. Claims come first,
// wherever they stand in the packet, so that the riding state finds its members, and
// these in their new lives.
func (c *Core) handleRumours(now time.Duration, rest Messages) {
	for rest.Len() > 0 {
		next, ok := c.codec.NextMessage(rest, &c.in)
		rest = next
		if !ok || c.in.Kind != KindRumour {
			continue
		}
		if d := c.mergeRiding(now, c.in.Body, true); d != DropNone {
			c.drop(d)
		}
	}
}

// mergeRiding merges a rumour, or a delta of an exchange, about a live member.
//
// What was published in a life that we have not met is not taken in: the claim that
// begins the life decides whether it may be, and may never come. If the clock of a member
// is set back before anybody has met its last life, its next one is lower; whoever held
// something of the last would refuse all that comes after it. What is dropped here is a
// gap: once the claim has come, the fingerprints repair it.
func (c *Core) mergeRiding(now time.Duration, rumour []byte, spread bool) Drop {
	name, life, ok := c.rider.About(rumour)
	if !ok {
		return DropBadRumour
	}
	r, ok := c.lookup(name)
	if !ok || !c.at(r).state.live() {
		return DropUnknownMember
	}
	if r == selfRef {
		return DropNone // our own state, come back to us
	}
	m := c.at(r)
	if c.hasLives() && life.Compare(m.met()) > 0 {
		c.noteGap(now, r)
		return DropRumourGap
	}
	was := c.stateHash(m)
	merged := c.rider.Merge(rumour)
	if merged.News {
		c.stats.RumoursMerged++
		c.restate(now, m, was)
		if spread {
			c.disseminate(now, r, newsRumour, merged.Base)
		}
		c.emit(Event{Kind: EventStateChanged, At: now, Name: m.name(), Stamp: m.stamp()})
	}
	if merged.Repeat && spread {
		c.noteCopy(r, newsRumour)
	}
	if merged.Drop == DropRumourGap {
		c.noteGap(now, r)
	}
	return merged.Drop
}
