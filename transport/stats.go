package transport

import "sync/atomic"

// Stats counts what went through a [Transport] since it was made. What a packet
// meant is counted elsewhere. Bytes are those handed over by the caller: headers
// of IP, UDP and TCP are not in them. The numbers are read one after the other
// while traffic goes on; each is exact, their sum may be of slightly different
// moments.
type Stats struct {
	PacketsIn, PacketBytesIn   uint64
	PacketsOut, PacketBytesOut uint64
	// PacketsTruncated were dropped because they filled the reader's buffer.
	PacketsTruncated uint64
	// PacketsDropped were received and thrown away because nobody read them in
	// time. The operating system does not tell, so sockets leave it zero; the
	// in-memory network counts here what its queue had no room for.
	PacketsDropped uint64
	// PacketReadErrors and PacketWriteErrors were reported by the system.
	PacketReadErrors, PacketWriteErrors uint64

	StreamsDialed, DialErrors     uint64
	StreamsAccepted, AcceptErrors uint64
}

// counters is the living side of [Stats].
type counters struct {
	packetsIn, packetBytesIn   atomic.Uint64
	packetsOut, packetBytesOut atomic.Uint64
	packetsTruncated           atomic.Uint64
	packetsDropped             atomic.Uint64
	packetReadErrors           atomic.Uint64
	packetWriteErrors          atomic.Uint64
	streamsDialed, dialErrors  atomic.Uint64
	streamsAccepted            atomic.Uint64
	acceptErrors               atomic.Uint64
}

func (c *counters) packetIn(n int) {
	c.packetsIn.Add(1)
	c.packetBytesIn.Add(uint64(n))
}

func (c *counters) packetOut(n int) {
	c.packetsOut.Add(1)
	c.packetBytesOut.Add(uint64(n))
}

func (c *counters) snapshot() Stats {
	return Stats{
		PacketsIn:         c.packetsIn.Load(),
		PacketBytesIn:     c.packetBytesIn.Load(),
		PacketsOut:        c.packetsOut.Load(),
		PacketBytesOut:    c.packetBytesOut.Load(),
		PacketsTruncated:  c.packetsTruncated.Load(),
		PacketsDropped:    c.packetsDropped.Load(),
		PacketReadErrors:  c.packetReadErrors.Load(),
		PacketWriteErrors: c.packetWriteErrors.Load(),
		StreamsDialed:     c.streamsDialed.Load(),
		DialErrors:        c.dialErrors.Load(),
		StreamsAccepted:   c.streamsAccepted.Load(),
		AcceptErrors:      c.acceptErrors.Load(),
	}
}
