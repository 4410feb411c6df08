package node

import (
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

// SetWall says what the wall clock reads at now. It may jump. Inputs that follow take it
// as running on from there.
func (n *Node) SetWall(now time.Duration, wall time.Time) { n.wallAt, n.wall = now, wall }

// Wall is what the wall clock reads, or read, at a moment, by the latest SetWall.
func (n *Node) Wall(at time.Duration) time.Time { return n.wall.Add(at - n.wallAt) }

// HandlePacket takes a datagram; see [swim.Core.HandlePacket].
func (n *Node) HandlePacket(now time.Duration, from netip.AddrPort, b []byte) {
	if n.core != nil {
		n.rider.now = now
		n.core.HandlePacket(now, from, b)
		n.settle(now)
	}
}

// CountDrop counts something that was dropped on its way here; see
// [swim.Core.CountDrop].
func (n *Node) CountDrop(d swim.Drop) {
	if n.core != nil {
		n.core.CountDrop(d)
	}
}

// HandleTimeout does everything that was due at or before now.
func (n *Node) HandleTimeout(now time.Duration) {
	if n.core != nil {
		n.rider.now = now
		n.core.SetWall(now, n.Wall(now))
		n.core.HandleTimeout(now)
		if n.core.Queued() == 0 {
			n.metas = nil // at rest there is none to read
		}
	}
	n.machine.HandleTimeout(now)
	n.store.HandleTimeout(now)
	if n.reapply.set && n.reapply.at <= now {
		n.reapply.set = false
		n.reapplyDetector(now)
	}
	n.settle(now)
}

// NextDeadline is when HandleTimeout wants to be called next; ok is false when
// nothing is pending.
func (n *Node) NextDeadline() (at time.Duration, ok bool) {
	earliest := func(t time.Duration, set bool) {
		if set && (!ok || t < at) {
			at, ok = t, true
		}
	}
	if n.core != nil {
		earliest(n.core.NextDeadline())
	}
	earliest(n.machine.NextDeadline())
	earliest(n.store.NextDeadline())
	earliest(n.reapply.at, n.reapply.set)
	return at, ok
}

// HandleSendError says that the machine refused to send to an address.
func (n *Node) HandleSendError(now time.Duration, to netip.AddrPort, err error) {
	if n.core != nil {
		n.core.HandleSendError(now, to, err)
	}
}

// HandleDialError says that the stream of a dial could not be opened.
func (n *Node) HandleDialError(now time.Duration, d swim.Dial, err error) {
	if n.core != nil {
		n.core.HandleDialError(now, d, err)
		n.settle(now)
	}
}

// Lend gives room for the frame of the Begin or Step that follows at once; see
// [swim.Core.Lend].
func (n *Node) Lend(room []byte) {
	if n.core != nil {
		n.core.Lend(room)
	}
}

// Begin starts the exchange of a dial whose stream is open; see [swim.Core.Begin].
func (n *Node) Begin(now time.Duration, d swim.Dial) (swim.ExchangeID, []byte, error) {
	if n.core == nil {
		return 0, nil, ErrNotRunning
	}
	id, frame, err := n.core.Begin(now, d)
	n.core.Lend(nil)
	n.tables.table = nil
	n.settle(now)
	return id, frame, err
}

// Accept starts an exchange that somebody else opened.
func (n *Node) Accept(now time.Duration, from netip.AddrPort) (swim.ExchangeID, error) {
	if n.core == nil {
		return 0, ErrNotRunning
	}
	return n.core.Accept(now, from), nil
}

// Step takes the next frame of an exchange; see [swim.Core.Step].
func (n *Node) Step(now time.Duration, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error) {
	if n.core == nil {
		return nil, true, ErrNotRunning
	}
	n.rider.now = now
	reply, done, err = n.core.Step(now, id, frame)
	n.core.Lend(nil)
	n.tables.table = nil
	n.settle(now)
	return reply, done, err
}

// Abort ends an exchange whose stream broke.
func (n *Node) Abort(now time.Duration, id swim.ExchangeID, err error) {
	if n.core != nil {
		n.core.Abort(now, id, err)
		n.settle(now)
	}
}

// Join tries seeds. The outcome is one EventJoinDone with the id that is returned;
// see [swim.Core.Join].
func (n *Node) Join(now time.Duration, addrs []netip.AddrPort) (id uint64, err error) {
	if n.core == nil {
		return 0, ErrNotRunning
	}
	id = n.core.Join(now, addrs)
	n.settle(now)
	return id, nil
}

// CancelJoin gives up on seeds that have not been dialled yet.
func (n *Node) CancelJoin(now time.Duration, id uint64) {
	if n.core != nil {
		n.core.CancelJoin(now, id)
		n.settle(now)
	}
}

// Ping asks whether a node lives at an address. The outcome is one EventPingDone
// with the id that is returned; see [swim.Core.Ping].
func (n *Node) Ping(now time.Duration, id types.NodeId, addr netip.AddrPort) (ping uint64, err error) {
	if n.core == nil {
		return 0, ErrNotRunning
	}
	ping = n.core.Ping(now, n.nameOf(id), addr)
	n.settle(now)
	return ping, nil
}

// TakePackets moves the datagrams to send into out; see [swim.Core.TakePackets].
// It reports whether there are any.
func (n *Node) TakePackets(out *swim.Batch) bool {
	if n.core == nil {
		return false
	}
	n.core.TakePackets(out)
	return out.Len() > 0
}

// TakeDials moves the streams to open into out.
func (n *Node) TakeDials(out *[]swim.Dial) bool {
	if n.core == nil {
		return false
	}
	n.core.TakeDials(out)
	return len(*out) > 0
}
