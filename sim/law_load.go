package sim

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// packet looks at a datagram that is sent: whom it pings, and what it gives away.
func (k *Checker) packet(from *virtual.Host, to netip.AddrPort, packet []byte) {
	n, ok := from.Data.(*Node)
	if !ok || n.host != from {
		return
	}
	codec := n.Codec()
	rest, drop := codec.OpenPacket(packet)
	if drop != swim.DropNone {
		return
	}
	for rest.Len() > 0 {
		if rest, ok = codec.NextMessage(rest, &k.msg); !ok {
			return
		}
		switch k.msg.Kind {
		case swim.KindPing:
			if i, known := k.index[string(n.core.IDOf(string(k.msg.Name)))]; known {
				k.of(n).view(i).pinged = k.cluster.Now()
			}
			if k.resting {
				k.countPing(to)
			}
		case swim.KindSuspect, swim.KindDead:
			if n.core.IDOf(string(k.msg.From)) != n.ID() || n.core.IDOf(string(k.msg.Name)) == n.ID() {
				continue
			}
			m, known := n.core.Member(n.core.IDOf(string(k.msg.Name)))
			// The suspicion before a secret death may have been public.
			same := m.Stamp == k.msg.Stamp && (m.State == swim.Suspect) == (k.msg.Kind == swim.KindSuspect)
			if known && !k.holds(lawSecret, !m.Private || !same) {
				k.broken(lawSecret, n, "tells %s about %s at %v, which it holds in secret", k.msg.Kind, m.Name, m.Stamp)
			}
		}
	}
}

// arrived looks at a datagram that a node is about to handle: what it says against the
// dead is a floor, although it changes nothing that can be seen.
func (k *Checker) arrived(to *virtual.Host, packet []byte) {
	n, ok := to.Data.(*Node)
	if !ok || n.host != to || !n.Up() {
		return
	}
	w := k.of(n)
	if w.buried == 0 || n.core.Stats().Swim.Drops[swim.DropBootAhead] > 0 {
		return // nobody to say anything against; or what is said may not count
	}
	codec := n.Codec()
	rest, drop := codec.OpenPacket(packet)
	for ok = drop == swim.DropNone; ok && rest.Len() > 0; {
		if rest, ok = codec.NextMessage(rest, &k.msg); !ok || k.msg.Kind != swim.KindSuspect && k.msg.Kind != swim.KindDead {
			continue
		}
		if i, known := k.index[string(n.core.IDOf(string(k.msg.Name)))]; known {
			if v := w.view(i); v.known && v.public && k.msg.Stamp.Compare(v.floor) > 0 {
				v.floor = k.msg.Stamp
			}
		}
	}
}

// countPing counts a ping to a node.
func (k *Checker) countPing(to netip.AddrPort) {
	if h := k.cluster.HostAt(to); h != nil {
		if n, ok := h.Data.(*Node); ok && n.host == h {
			k.of(n).asked++
		}
	}
}

// checkTables looks at what a node keeps: whether it agrees, and how much it is.
func (k *Checker) checkTables(w *watched) {
	n := w.node
	k.counts[lawTables]++
	if err := n.core.CheckInvariants(); err != nil {
		k.broken(lawTables, n, "%v", err)
	}
	st := n.core.Stats().Swim
	rows := st.Alive + st.Suspect + st.Dead + st.Left
	probes := OpenProbesBound(w.cfg, w.names)
	// The end of a stream takes a moment to reach the other side.
	if st.OpenExchanges <= n.host.Streams() {
		w.excess = 0
	} else if w.excess == 0 {
		w.excess = k.cluster.Now()
	}
	open := w.excess > 0 && k.cluster.Now()-max(w.excess, w.unhindered()) > w.stretch(0)
	ok := st.QueuedClaims <= rows && st.QueuedRumours <= rows && st.Dead+st.Left <= w.cfg.MaxTombstones+1 &&
		!open && st.OpenProbes <= probes && st.Health <= w.cfg.HealthMax
	if !k.holds(lawQueues, ok) {
		k.broken(lawQueues, n, "%d members, %d of them dead or left; %d claims and %d rumours queued, %d exchanges on %d streams, %d probes of at most %d, health %d",
			rows, st.Dead+st.Left, st.QueuedClaims, st.QueuedRumours, st.OpenExchanges, n.host.Streams(), st.OpenProbes, probes, st.Health)
	}
}

// windowed counts the packets of a node over some protocol periods.
type windowed struct {
	at      time.Duration
	out, in uint64
}

// windowPeriods is how long a window is.
const windowPeriods = 10

func (c *windowed) begin(now time.Duration, h *virtual.Host) {
	*c = windowed{at: now, out: h.Traffic.PacketsOut, in: h.Traffic.PacketsIn}
}

// checkWindow looks at the packets that a node has sent, and begins anew when a window
// is over. Who was frozen has things to make up for.
func (k *Checker) checkWindow(w *watched) {
	now, t := k.cluster.Now(), &w.host.Traffic
	if t.LargestPacket > w.cfg.PacketBudget {
		k.broken(lawPackets, w.node, "has sent a packet of %d bytes; the budget is %d", t.LargestPacket, w.cfg.PacketBudget)
	}
	k.counts[lawPackets]++
	span := now - w.window.at
	if span < windowPeriods*max(w.cfg.ProbeInterval, time.Second) {
		return
	}
	if w.unhindered() < w.window.at {
		sent, heard := t.PacketsOut-w.window.out, t.PacketsIn-w.window.in
		if bound := TrafficBound(w.cfg, w.names, w.stretch(span), heard); !k.holds(lawTraffic, sent <= bound) {
			k.broken(lawTraffic, w.node, "has sent %d packets in %v, having received %d; the bound is %d", sent, span, heard, bound)
		}
	}
	w.window.begin(now, w.host)
}
