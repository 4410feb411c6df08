package swim

import "net/netip"

// A Batch is a number of datagrams in one arena. The zero value is empty and
// ready. A Batch is swapped with the core's, see [Core.TakePackets], so that
// nothing is copied and, once both have grown, nothing is allocated.
type Batch struct {
	arena   []byte
	packets []packetSpan
}

type packetSpan struct {
	to         netip.AddrPort
	start, end int
	checked    bool
	wire       uint8
}

// Len is the number of datagrams.
func (b *Batch) Len() int { return len(b.packets) }

// At returns datagram i and where it goes. The bytes belong to the batch.
func (b *Batch) At(i int) (to netip.AddrPort, packet []byte) {
	p := &b.packets[i]
	return p.to, b.arena[p.start:p.end:p.end]
}

// Checked reports whether whoever datagram i goes to takes a checksum around it, as
// its [Versions] say. False on wires without them.
func (b *Batch) Checked(i int) bool { return b.packets[i].checked }

// Wire is which wire datagram i is of, where a member speaks two: 0 but for what came
// by AppendBatch.
func (b *Batch) Wire(i int) uint8 { return b.packets[i].wire }

// AppendBatch adds copies of all datagrams of another batch, as of a wire.
func (b *Batch) AppendBatch(o *Batch, wire uint8) {
	for _, p := range o.packets {
		b.Append(p.to, o.arena[p.start:p.end])
		last := &b.packets[len(b.packets)-1]
		last.checked, last.wire = p.checked, wire
	}
}

// Append adds a copy of a datagram: for machines that stand beside or before a core.
func (b *Batch) Append(to netip.AddrPort, packet []byte) {
	start := len(b.arena)
	b.arena = append(b.arena, packet...)
	b.packets = append(b.packets, packetSpan{to: to, start: start, end: len(b.arena)})
}

const (
	// maxRecycledArena is how large an arena may be to be used again: a gossip round
	// with room to spare. Bytes.
	maxRecycledArena = 16 << 10
	// smallArena is how large an arena may be although there is no news: a probe and its
	// ack. Bytes.
	smallArena = 512
	// maxRecycledPackets is how many packets a batch may have room for to be used again:
	// those of a gossip round.
	maxRecycledPackets = 4
)

// Reset empties a batch for the next use. What a burst has made large is let go.
func (b *Batch) Reset() {
	if b.packets = b.packets[:0]; cap(b.packets) > maxRecycledPackets {
		b.packets = nil // no need to clear them otherwise: an address holds nothing
	}
	b.recycleArena(maxRecycledArena)
}

// calm is Reset when there is no news: packets are few and small, and will be.
func (b *Batch) calm() {
	b.packets = recycle(b.packets, maxRecycled)
	b.recycleArena(smallArena)
}

// recycleArena empties the arena, or lets it go if it has room for more than most bytes.
func (b *Batch) recycleArena(most int) {
	if b.arena = b.arena[:0]; cap(b.arena) > most {
		b.arena = nil
	}
}

// One packet is open at a time, at the end of the arena: openPacket, addMessage
// as often as wanted, piggyback, closePacket.

// openPacket begins a packet.
func (c *Core) openPacket() {
	c.start = len(c.packets.arena)
	c.packets.arena = c.codec.BeginPacket(c.packets.arena)
	c.parts = c.parts[:0]
}

// packetLen is the length the open packet will have when closed, without the
// outer layers.
func (c *Core) packetLen() int {
	return len(c.packets.arena) - c.start + c.headroom + len(c.parts)*c.perPart
}

// write begins the next message of the open packet: c.out, without a field but its kind.
// The fields are set where they are, as a Message is too large to be built elsewhere.
func (c *Core) write(k Kind) *Message {
	c.out = Message{}
	c.out.Kind = k
	return &c.out
}

// addMessage appends c.out to the open packet, unless that would take it over
// budget.
func (c *Core) addMessage(budget int) bool {
	arena := c.packets.arena
	c.packets.arena = c.codec.AppendMessage(arena, &c.out)
	if len(c.packets.arena) == len(arena) {
		return false // this wire has no such message
	}
	c.parts = append(c.parts, len(arena))
	if c.packetLen() > budget {
		c.packets.arena = arena
		c.parts = c.parts[:len(c.parts)-1]
		return false
	}
	c.stats.MessagesOut[c.out.Kind]++
	c.stats.MessageBytesOut[c.out.Kind] += uint64(len(c.packets.arena) - len(arena))
	return true
}

// must appends c.out whatever the budget: for the message that the packet is for.
func (c *Core) must() { c.addMessage(MaxPacketLen) }

// closePacket completes the open packet and puts it into the batch. A packet
// without a message is dropped.
func (c *Core) closePacket(to netip.AddrPort) {
	if len(c.parts) == 0 {
		c.packets.arena = c.packets.arena[:c.start]
		return
	}
	c.packets.arena = c.codec.FinishPacket(c.packets.arena, c.start, c.parts)
	// Field by field: to build it elsewhere and to copy it takes longer than the rest.
	c.packets.packets = append(c.packets.packets, packetSpan{})
	p := &c.packets.packets[len(c.packets.packets)-1]
	p.to, p.start, p.end, p.checked = to, c.start, len(c.packets.arena), c.takesChecksum(to)
	c.stats.PacketsOut++
	c.stats.BytesOut += uint64(len(c.packets.arena) - c.start)
}
