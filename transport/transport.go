package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
)

const (
	// MaxPacket is the longest datagram in bytes that every transport carries:
	// what IPv4 leaves after its header and UDP's. The protocol sends far
	// shorter ones; this is a limit of the medium, not a budget.
	MaxPacket = 65535 - 20 - 8

	// PacketBuffer is the length in bytes of a buffer into which any datagram
	// fits with room to spare; most need far less, see [Transport.ReadPacket].
	PacketBuffer = 65536
)

// ErrTruncated is what [Transport.ReadPacket] returns when a datagram was dropped
// because it did not fit the buffer.
var ErrTruncated = errors.New("transport: a datagram did not fit the buffer")

// A Transport carries the packets and streams of one node. It has one address,
// the same for both, and no opinion on who is alive.
//
// All methods may be called concurrently. Addresses that it returns are never
// IPv4-mapped IPv6 addresses; in addresses that it is given both forms mean the
// same. A transport does not close the connections it has returned: whoever
// dialled or accepted one closes it.
type Transport interface {
	// LocalAddr is the address the transport is bound to, with the port that was
	// chosen if it was asked for port 0. The host may be unspecified (0.0.0.0 or
	// ::); what to tell other nodes is the matter of [Advertise].
	LocalAddr() netip.AddrPort

	// ReadPacket waits for a datagram and copies it into b. A datagram that fills
	// b completely may have been cut short: it is dropped and counted, and the
	// error is [ErrTruncated], so that the caller can come with a longer buffer;
	// [PacketBuffer] bytes are always enough. Other errors that concern one
	// datagram are counted and survived. The only other error is [net.ErrClosed],
	// after Close. It does not allocate.
	ReadPacket(b []byte) (n int, from netip.AddrPort, err error)

	// WritePacket sends one datagram. It copies nothing that outlives the call, b
	// stays the caller's. An error is about this datagram only, and no error does
	// not mean that it arrives. It does not allocate, errors excepted.
	WritePacket(b []byte, to netip.AddrPort) error

	// Dial opens a stream. It returns when the stream is open, ctx ends, or the
	// transport is closed ([net.ErrClosed]).
	Dial(ctx context.Context, to netip.AddrPort) (net.Conn, error)

	// Accept waits for a stream that another node opens. Errors of the system,
	// such as no free file descriptor, are counted and waited out, so that the
	// only error is [net.ErrClosed], after Close.
	Accept() (net.Conn, error)

	// Stats is what the transport has counted so far.
	Stats() Stats

	// Close frees the address and ends every call that waits. Calling it again
	// does nothing and returns what the first call returned.
	Close() error
}

// AddrOf is the address behind a, as a transport reports addresses: without the
// IPv4-mapped form. It is the zero AddrPort if a is not made of an IP address
// and a port.
func AddrOf(a net.Addr) netip.AddrPort {
	withAddrPort, ok := a.(interface{ AddrPort() netip.AddrPort })
	if !ok {
		return netip.AddrPort{}
	}
	return unmapped(withAddrPort.AddrPort())
}

// unmapped is a with an IPv4-mapped IPv6 address turned into the IPv4 address.
// A zone, which only IPv6 addresses have, is kept.
func unmapped(a netip.AddrPort) netip.AddrPort {
	if !a.Addr().Is4In6() {
		return a
	}
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}
