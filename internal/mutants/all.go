package mutants

// All are the mutants, in the order of the pages of the protocol.
func All() []Mutant {
	return []Mutant{
		{
			"refute-without-raising", "A member that is accused says that it is alive, at the same incarnation.", "swim/refute.go",
			"	c.raise(now, stamp.Incarnation)\n	c.stats.Refutations++", "	c.reclaim(now, stamp.Incarnation)\n	c.stats.Refutations++",
		},
		{
			"equal-alive-wins", "An alive claim wins over a death at the same stamp.", "swim/precedence.go",
			"		return order > 0\n	case s == Suspect && held == Alive:", "		return order >= 0 && (held != Alive || order > 0)\n	case s == Suspect && held == Alive:",
		},
		{
			"suspicion-is-final", "A suspect cannot refute.", "swim/precedence.go",
			"	case s == Alive:\n		return order > 0", "	case s == Alive:\n		return order > 0 && held != Suspect",
		},
		{
			"no-death-after-suspicion", "An accusation at the held stamp does not make anybody suspect.", "swim/precedence.go",
			"	case s == Suspect && held == Alive:\n		return order >= 0", "	case s == Suspect && held == Alive:\n		return order > 0",
		},
		{
			"hasten-forgets-the-timer", "A suspicion that is brought down to its minimum has no deadline any more.", "swim/suspicion.go",
			"	s.need = 0\n	c.deadlines.cancel(&s.timer)\n	patience := c.suspicionTimeout(s) / 100 * time.Duration(percent)\n	s.timer = c.deadlines.set(max(now, s.start+patience), wakeSuspicion, s.member)",
			"	s.need = 0\n	c.deadlines.cancel(&s.timer)\n	_ = max(now, c.suspicionTimeout(s)*time.Duration(percent))",
		},
		{
			"never-confirmed", "A second accuser never shortens a suspicion.", "swim/suspicion.go",
			"	if len(s.accusers) > s.need {\n		return false", "	if len(s.accusers) > 0 {\n		return false",
		},
		{
			"losers-leave-no-trace", "Evidence about a dead member that loses does not raise the held stamp.", "swim/claim.go",
			"	if s.Compare(m.stamp()) > 0 {\n		m.setStamp(s)", "	if s.Compare(m.stamp()) > 0 && m.state.live() {\n		m.setStamp(s)",
		},
		{
			"lower-life-accepted", "A life that is lower than one that is known is let in by a stream.", "swim/exchange_answer.go",
			"	if self.Stamp.Generation < held.stamp().Generation {", "	if self.Stamp.Generation+9 < held.stamp().Generation {",
		},
		{
			"life-not-compared", "Stamps are compared by incarnation before life.", "swim/identity.go",
			"	return cmp.Or(s.Life.Compare(o.Life), cmp.Compare(s.Incarnation, o.Incarnation))",
			"	return cmp.Or(cmp.Compare(s.Incarnation, o.Incarnation), s.Life.Compare(o.Life))",
		},
		{
			"tombstone-forgotten-at-once", "What is forgotten leaves no trace: third parties can bring it back.", "swim/tombstone.go",
			"	f.hashes[hashName(name)] = struct{}{}", "	_ = hashName(name)",
		},
		{
			"secrets-are-told", "A verdict formed while cut off is gossiped.", "swim/transition.go",
			"	if c.at(r).private() {\n		c.silence(r, newsClaim)\n		return\n	}", "",
		},
		{
			"secrets-stay", "A verdict formed while cut off is not withdrawn when the member is heard.", "swim/receive.go",
			"	if c.at(r).private() {\n		c.withdraw(now, r)\n	}", "",
		},
		{
			"print-not-updated", "A member that is no longer listed stays in the fingerprint.", "swim/transition.go",
			"		c.removePrint(m)\n		c.alive--\n", "		c.alive--\n",
		},
		{
			"newcomers-not-probed", "A member that is listed gets no place in the probe order.", "swim/transition.go",
			"	c.enlist(r, c.cfg.Rand)\n", "",
		},
		{
			"order-never-begins-anew", "The probe order is gone through once.", "swim/probe.go",
			"		c.reshuffle(c.cfg.Rand, member.needsProbe)\n	}\n	return noRef, false", "	}\n	return noRef, false",
		},
		{
			"relay-acks-unheard", "A relay acks without having heard the member.", "swim/relay.go",
			"	if rl.wantNack {\n		c.reply(rl.asker, KindNack, rl.askerSeq)\n	}", "	if rl.wantNack {\n		c.reply(rl.asker, KindAck, rl.askerSeq)\n	}",
		},
		{
			"wrong-target-acks", "A ping for another name is acked.", "swim/receive.go",
			"	if string(msg.Name) != c.self().name() {\n		c.drop(DropWrongTarget)\n		return\n	}", "",
		},
		{
			"news-never-old", "News is sent for ever.", "swim/dissemination.go",
			"			if s.sends++; c.isSpread(s) {", "			if s.sends = min(s.sends+1, int16(c.sendLimit-1)); c.sendLimit == 0 {",
		},
		{
			"no-healing", "Nobody looks for lost members and seeds.", "swim/heal.go",
			"	if c.leaving.active() || c.healing {\n		return\n	}", "	if c.leaving.active() || !c.healing {\n		return\n	}",
		},
		{
			"exchange-kills", "A death that is learnt in an exchange is a death.", "swim/claim.go",
			"	if src != fromGossip && state == Dead {", "	if src != fromGossip && state == Left {",
		},
		{
			"leave-not-acknowledged", "Nobody acknowledges a departure.", "swim/leave.go",
			"	c.reply(p.from, KindLeaveAck, SeqNo(msg.Stamp.Incarnation))", "",
		},
		{
			"older-version-merged", "A delta below the held version is taken in.", "store/merge.go",
			"	case order == 0 && d.reached < held.version,\n", "	case order == 0 && d.reached+1 < held.version,\n",
		},
		{
			"gap-merged", "A delta that begins above what is held is taken in.", "store/merge.go",
			"	if held.version < d.base {\n		return m, ErrGap\n	}", "",
		},
		{
			"suspects-are-alive", "A peer that is lost and whose domain is silent counts for quorum.", "quorum/table.go",
			"		types.NODE_STATUS_NOT_IN_QUORUM,\n		types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM:\n		return true", "		types.NODE_STATUS_NOT_IN_QUORUM, types.NODE_STATUS_SUSPECT_DOWN,\n		types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM:\n		return true",
		},
		{
			"half-is-a-majority", "Half of the quorum members are enough.", "quorum/provider.go",
			"func needed(members int) int { return members/2 + 1 }", "func needed(members int) int { return (members + 1) / 2 }",
		},
		{
			"loss-not-noticed", "A lost peer is noted, and quorum is not judged anew.", "internal/node/follow.go",
			"	case swim.EventFailed, swim.EventLeft:\n", "	case swim.EventLeft:\n",
		},
	}
}
