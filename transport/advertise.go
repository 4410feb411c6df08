package transport

import (
	"context"
	"net"
	"net/netip"
)

// Advertise decides which address other nodes are told for a node that is bound
// to bound. In this order:
//
//   - explicit, if it is not empty: "host:port", or "host" or port 0 for the
//     bound port. A name is looked up with r within ctx; see [ParseAddr]. It is
//     believed: behind NAT or a port map it need not be an address of ours. It
//     may not be unspecified.
//   - bound itself, if it names one address.
//   - bound to 0.0.0.0: the first usable IPv4 address of an interface, in the
//     system's order; 127.0.0.1 if there is none.
//   - bound to [::], which takes IPv4 as well: the first usable IPv6 address of
//     an interface, else the first usable IPv4 address, else ::1.
//
// An interface is usable if it is up, running and no loopback; an address if it
// is global unicast, which private addresses are and link-local ones are not: a
// link-local address means nothing without the zone, whose name is each host's
// own.
//
// Errors are *[AddrError] for explicit, and the system's if it cannot list its
// interfaces.
func Advertise(ctx context.Context, r Resolver, bound netip.AddrPort, explicit string) (netip.AddrPort, error) {
	if explicit != "" {
		return advertiseExplicit(ctx, r, bound, explicit)
	}
	if !bound.Addr().IsUnspecified() {
		return unmapped(bound), nil
	}
	local, err := interfaceAddrs()
	if err != nil {
		return netip.AddrPort{}, err
	}
	return chooseAdvertised(bound, local), nil
}

func advertiseExplicit(ctx context.Context, r Resolver, bound netip.AddrPort, explicit string) (netip.AddrPort, error) {
	var host string
	var port uint16
	if ip, err := netip.ParseAddr(explicit); err == nil { // "::1" has colons and no port
		host = ip.String()
	} else if h, p, err := splitHostPort(explicit); err == nil {
		host, port = h, p
	} else if problem := err.(*AddrError).Problem; problem == AddrNoPort && !looksLikeIP(explicit) {
		host = explicit
	} else {
		return netip.AddrPort{}, err
	}
	if host == "" {
		return netip.AddrPort{}, &AddrError{Addr: explicit, Problem: AddrNoHost}
	}
	if port == 0 {
		port = bound.Port()
	}
	ips, err := lookUp(ctx, r, explicit, host)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if ips[0].IsUnspecified() {
		return netip.AddrPort{}, &AddrError{Addr: explicit, Problem: AddrUnspecified}
	}
	return netip.AddrPortFrom(ips[0], port), nil
}

// chooseAdvertised is the rule of [Advertise] for an unspecified bound address,
// given the addresses of this machine in the system's order.
func chooseAdvertised(bound netip.AddrPort, local []netip.Addr) netip.AddrPort {
	first := func(accept func(netip.Addr) bool) (netip.Addr, bool) {
		for _, ip := range local {
			if ip.IsGlobalUnicast() && accept(ip) {
				return ip, true
			}
		}
		return netip.Addr{}, false
	}
	if bound.Addr().Is4() {
		if ip, ok := first(netip.Addr.Is4); ok {
			return netip.AddrPortFrom(ip, bound.Port())
		}
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), bound.Port())
	}
	if ip, ok := first(netip.Addr.Is6); ok {
		return netip.AddrPortFrom(ip, bound.Port())
	}
	if ip, ok := first(netip.Addr.Is4); ok {
		return netip.AddrPortFrom(ip, bound.Port())
	}
	return netip.AddrPortFrom(netip.IPv6Loopback(), bound.Port())
}

// interfaceAddrs lists the addresses of all interfaces that are up, running and
// no loopback, in the system's order, without IPv4-mapped forms.
func interfaceAddrs() ([]netip.Addr, error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	const wanted = net.FlagUp | net.FlagRunning
	var addrs []netip.Addr
	for _, in := range interfaces {
		if in.Flags&wanted != wanted || in.Flags&net.FlagLoopback != 0 {
			continue
		}
		found, err := in.Addrs()
		if err != nil {
			continue // the interface went away since it was listed
		}
		for _, a := range found {
			if prefix, ok := a.(*net.IPNet); ok {
				if ip, ok := netip.AddrFromSlice(prefix.IP); ok {
					addrs = append(addrs, ip.Unmap())
				}
			}
		}
	}
	return addrs, nil
}
