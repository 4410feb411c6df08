package swim

import (
	"net/netip"
	"time"
)

// A relay is an indirect probe that we make on somebody's behalf (SWIM §3.1). It
// nacks when there is no ack after most of the prober's patience, early enough to
// be heard (Lifeguard §IV-A), and still passes on an ack that comes later.
type relay struct {
	seq      SeqNo // of our ping
	asker    netip.AddrPort
	askerSeq SeqNo
	member   ref
	wantNack bool
	nacked   bool
	known    bool // the asker is a member
	suspect  bool // the asker told us a suspicion: answer with the refutation
	end      time.Duration
	timer    timer
}

// maxRelays bounds the indirect probes that we make at the same time.
const maxRelays = 1024

// handlePingReq pings a member for somebody else. Only members, and only at the
// address where we know them: we cannot be used to reach anything else. What we
// refuse, and cannot do, is nacked at once: the asker shall know that we live. An
// asker that we do not know is served, since members behind a translated address
// look like that, but nothing rides along: there is nothing to amplify with.
func (c *Core) handlePingReq(now time.Duration, p *incoming, msg *Message) {
	r, ok := c.lookup(msg.Name)
	if !ok || r == selfRef || unmapped(c.at(r).addr()) != unmapped(msg.Addr) || c.relays.used >= maxRelays {
		c.drop(DropRelayRefused)
		if msg.WantNack {
			c.reply(p.answerTo(msg), KindNack, msg.Seq)
		}
		return
	}
	patience := c.cfg.ProbeTimeout
	if msg.Wait > 0 {
		patience = min(patience, msg.Wait)
	}
	rr, rl := c.relays.take()
	*rl = relay{
		seq: c.nextSeq(), asker: p.answerTo(msg), askerSeq: msg.Seq, member: r,
		wantNack: msg.WantNack && c.cfg.NackAfter > 0, known: p.sender != noRef,
		suspect: c.at(r).state == Suspect && !c.cfg.Rules.plainAcks(),
		end:     now + patience,
	}
	rl.timer = c.deadlines.set(now+patience*time.Duration(c.cfg.NackAfter)/100, wakeRelay, rr)
	c.awaited[rl.seq] = awaited{relay: true, ref: rr}
	c.stats.Relays++

	seq := rl.seq
	c.openPacket()
	if !c.cfg.Rules.NoBuddy {
		c.addSuspicion(r)
	}
	c.addPing(now, seq, c.at(r).name())
	if p.sender != noRef {
		c.piggyback()
	}
	c.closePacket(c.at(r).addr())
}

// continueRelay nacks, and later forgets.
func (c *Core) continueRelay(now time.Duration, rr ref) {
	rl := c.relays.at(rr)
	rl.timer = 0
	if rl.nacked {
		c.endRelay(rr)
		return
	}
	rl.nacked = true
	if rl.wantNack {
		c.reply(rl.asker, KindNack, rl.askerSeq)
	}
	rl.timer = c.deadlines.set(max(now, rl.end)+c.cfg.ProbeTimeout, wakeRelay, rr)
}

// settleRelay passes an ack on. If the asker suspects the member, what it says of
// itself by now goes along, so that the refutation cannot be missed.
func (c *Core) settleRelay(now time.Duration, rr ref) {
	rl := *c.relays.at(rr)
	c.endRelay(rr)
	c.openPacket()
	if m := c.at(rl.member); rl.suspect && m.used() && m.state == Alive {
		c.claimOf(rl.member)
		c.must()
	}
	c.write(KindAck).Seq = rl.askerSeq // and no prints: they would be ours
	c.must()
	if rl.known {
		c.piggyback()
	}
	c.closePacket(rl.asker)
}

func (c *Core) endRelay(rr ref) {
	rl := c.relays.at(rr)
	c.deadlines.cancel(&rl.timer)
	delete(c.awaited, rl.seq)
	c.relays.give(rr)
}

// reply sends one small message that carries only a number.
func (c *Core) reply(to netip.AddrPort, kind Kind, seq SeqNo) {
	c.openPacket()
	c.write(kind).Seq = seq
	c.must()
	c.closePacket(to)
}
