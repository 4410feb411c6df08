package swim

import (
	"net/netip"
	"time"
)

const (
	// pingTries is how often a Ping asks.
	pingTries = 3
	// pingPause follows each of its failures.
	pingPause = 100 * time.Millisecond
)

// Ping asks whether the node called name lives at addr, member or not. It asks
// three times, each with the patience of ProbeTimeout and followed by 100 ms. The
// outcome is one EventPingDone with the id that is returned, whose RTT is that of
// the try that was answered. Only the node of that name answers.
func (c *Core) Ping(now time.Duration, name string, addr netip.AddrPort) (id uint64) {
	id = c.nextDial()
	c.startPing(now, probe{kind: probePing, member: noRef, name: name, addr: addr, id: id})
	return id
}

// PingPatience is how long a [Core.Ping] that nobody answers takes: three times
// ProbeTimeout and 100 ms.
func (cfg Config) PingPatience() time.Duration { return pingTries * (cfg.ProbeTimeout + pingPause) }

// askAgain pauses after a failed try, then tries with a number of its own, so that
// a late ack to an earlier try is not measured as a fast one to the next.
func (c *Core) askAgain(now time.Duration, pr ref) {
	p := c.probes.at(pr)
	if !p.indirect {
		p.indirect = true // stands for: pausing
		p.timer = c.deadlines.set(now+pingPause, wakeProbe, pr)
		return
	}
	delete(c.awaited, p.seq)
	seq := c.nextSeq()
	p.indirect, p.seq, p.start = false, seq, now
	p.timeout = now + c.cfg.ProbeTimeout
	p.end = p.timeout
	c.awaited[seq] = awaited{ref: pr}
	c.ask(now, pr)
	c.armProbe(now, pr)
}
