package transport

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// AddrProblem is what is wrong with an address, see [AddrError].
type AddrProblem uint8

const (
	// AddrEmpty: the address is the empty string.
	AddrEmpty AddrProblem = iota + 1
	// AddrNoPort: there is no ":port" at the end, or an IPv6 address lacks its
	// brackets.
	AddrNoPort
	// AddrBadPort: the port is no number from 0 to 65535, or it is 0 where a peer
	// is named. Names of services are not looked up.
	AddrBadPort
	// AddrNoHost: there is nothing before the colon.
	AddrNoHost
	// AddrBadIP: the host is written like an IP address and is none.
	AddrBadIP
	// AddrUnknownHost: the host is a name that the resolver does not know, or did
	// not answer for in time.
	AddrUnknownHost
	// AddrUnspecified: the address stands for all addresses (0.0.0.0 or ::) where
	// one is needed.
	AddrUnspecified
	// AddrCannotBind: the system refuses to listen there. The cause, such as
	// "address already in use", is what [AddrError] wraps.
	AddrCannotBind
)

var addrProblems = [...]string{
	AddrEmpty:       `it is empty: write "host:port"`,
	AddrNoPort:      `write "host:port", and "[host]:port" for IPv6`,
	AddrBadPort:     "the port is no number in the range of ports",
	AddrNoHost:      "the host is missing",
	AddrBadIP:       "the host is not an IP address",
	AddrUnknownHost: "the host is no IP address and the name cannot be resolved",
	AddrUnspecified: "it stands for all addresses, name one",
	AddrCannotBind:  "cannot listen there",
}

// String says what is wrong, and where it helps, what to write instead.
func (p AddrProblem) String() string {
	if int(p) < len(addrProblems) && addrProblems[p] != "" {
		return addrProblems[p]
	}
	return fmt.Sprintf("AddrProblem(%d)", uint8(p))
}

// An AddrError is about an address that cannot be used. Nothing has been bound
// or sent because of it.
type AddrError struct {
	Addr    string      // as it was given
	Problem AddrProblem // what is wrong with it
	Err     error       // the cause, or nil
}

func (e *AddrError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("transport: address %q: %s: %v", e.Addr, e.Problem, e.Err)
	}
	return fmt.Sprintf("transport: address %q: %s", e.Addr, e.Problem)
}

// Unwrap is the cause, so that errors.Is finds for example syscall.EADDRINUSE
// (on Windows, sockets have error numbers of their own).
func (e *AddrError) Unwrap() error { return e.Err }

// A Resolver turns a host name into addresses. [net.Resolver] is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// ParseAddr reads "host:port". The host is an IP address (IPv6 in brackets, a
// zone is kept) or a name, which r looks up within ctx; of several addresses the
// resolver's first is taken. The port is a number, 0 included. A nil r is
// [net.DefaultResolver]. Errors are *[AddrError]. An address that needs no
// look-up never blocks.
func ParseAddr(ctx context.Context, r Resolver, s string) (netip.AddrPort, error) {
	addrs, err := parseAddrs(ctx, r, s)
	if err != nil {
		return netip.AddrPort{}, err
	}
	return addrs[0], nil
}

// Resolve reads the address of a peer as [ParseAddr] does, and returns every
// address that the name has, in the resolver's order and each once. Port 0 is an
// error: nobody can be reached there.
func Resolve(ctx context.Context, r Resolver, s string) ([]netip.AddrPort, error) {
	addrs, err := parseAddrs(ctx, r, s)
	if err != nil {
		return nil, err
	}
	if addrs[0].Port() == 0 {
		return nil, &AddrError{Addr: s, Problem: AddrBadPort}
	}
	return addrs, nil
}

// parseAddrs returns at least one address or an error.
func parseAddrs(ctx context.Context, r Resolver, s string) ([]netip.AddrPort, error) {
	host, port, err := splitHostPort(s)
	if err != nil {
		return nil, err
	}
	if host == "" {
		return nil, &AddrError{Addr: s, Problem: AddrNoHost}
	}
	ips, err := lookUp(ctx, r, s, host)
	if err != nil {
		return nil, err
	}
	addrs := make([]netip.AddrPort, len(ips))
	for i, ip := range ips {
		addrs[i] = netip.AddrPortFrom(ip, port)
	}
	return addrs, nil
}

// parseListenAddr reads an address to listen on: as [ParseAddr], but no host
// means all IPv4 interfaces.
func parseListenAddr(ctx context.Context, r Resolver, s string) (netip.AddrPort, error) {
	if host, port, err := splitHostPort(s); err == nil && host == "" {
		return netip.AddrPortFrom(netip.IPv4Unspecified(), port), nil
	}
	return ParseAddr(ctx, r, s)
}

// splitHostPort cuts s and checks the port. The host may come out empty.
func splitHostPort(s string) (host string, port uint16, err error) {
	if s == "" {
		return "", 0, &AddrError{Addr: s, Problem: AddrEmpty}
	}
	host, digits, err := net.SplitHostPort(s)
	if err != nil {
		return "", 0, &AddrError{Addr: s, Problem: AddrNoPort}
	}
	n, err := strconv.ParseUint(digits, 10, 16)
	if err != nil {
		return "", 0, &AddrError{Addr: s, Problem: AddrBadPort}
	}
	return host, uint16(n), nil
}

// lookUp returns the addresses of host, each once and never IPv4-mapped. s is
// the whole address, for the error.
func lookUp(ctx context.Context, r Resolver, s, host string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return []netip.Addr{ip.Unmap()}, nil
	}
	// A slip of the pen in an address must not become a question to a name
	// server, which may take its time to say that it does not know 10.0.0.256.
	if looksLikeIP(host) {
		return nil, &AddrError{Addr: s, Problem: AddrBadIP}
	}
	if r == nil {
		r = net.DefaultResolver
	}
	found, err := r.LookupNetIP(ctx, "ip", host)
	if err != nil {
		return nil, &AddrError{Addr: s, Problem: AddrUnknownHost, Err: err}
	}
	ips := make([]netip.Addr, 0, len(found))
	seen := make(map[netip.Addr]bool, len(found))
	for _, ip := range found {
		ip = ip.Unmap()
		if ip.IsValid() && !seen[ip] {
			seen[ip] = true
			ips = append(ips, ip)
		}
	}
	if len(ips) == 0 {
		return nil, &AddrError{Addr: s, Problem: AddrUnknownHost}
	}
	return ips, nil
}

// looksLikeIP reports whether host can only have been meant as an IP address: no
// name contains a colon, and no top-level domain is a number.
func looksLikeIP(host string) bool {
	return strings.ContainsAny(host, ":%") || strings.Trim(host, "0123456789.") == ""
}
