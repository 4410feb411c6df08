package nekton

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// reresolveInterval is how often the host names of seeds are looked up again, for
// ever: addresses behind a name change, and a node that healed from nothing has only
// the name.
const reresolveInterval = 30 * time.Second

// seeds are addresses to join through, as "host:port".
type seeds struct {
	all     []string // sorted, each once
	literal map[string]netip.AddrPort
	hosts   []string // those that have to be looked up
	bad     []error  // about those that are no address
	// found are the latest answers of the resolver. Guarded by Node.mu.
	found map[string][]netip.AddrPort // nil if there is nothing to look up
}

// seedsOf lists the seeds of Start. A node without a KnownUrl is none.
func seedsOf(nodes map[types.NodeId]types.GossipNodeConfiguration) seeds {
	urls := make([]string, 0, len(nodes))
	for _, seed := range nodes {
		urls = append(urls, seed.KnownUrl)
	}
	return newSeeds(urls)
}

func newSeeds(urls []string) seeds {
	if len(urls) == 0 {
		return seeds{}
	}
	urls = slices.Clone(urls)
	slices.Sort(urls)
	s := seeds{literal: make(map[string]netip.AddrPort, len(urls))}
	for _, url := range slices.Compact(urls) {
		if url == "" {
			continue
		}
		s.all = append(s.all, url)
		addrs, err := transport.Resolve(context.Background(), formOnly{}, url)
		literal, notLiteral := netip.ParseAddrPort(url)
		switch {
		case err != nil:
			s.bad = append(s.bad, err)
		case notLiteral != nil:
			s.hosts = append(s.hosts, url)
		case literal.Addr().Zone() != "":
			s.literal[url] = literal
		default:
			s.literal[url] = addrs[0]
		}
	}
	if len(s.hosts) > 0 {
		s.found = make(map[string][]netip.AddrPort, len(s.hosts))
	}
	return s
}

// literals lists the addresses of those that need not be looked up.
func (s *seeds) literals() []netip.AddrPort {
	return (&seeds{all: s.all, literal: s.literal}).addrs(ownAddrs{})
}

// addrs lists the addresses that are known so far, our own excepted.
func (s *seeds) addrs(self ownAddrs) []netip.AddrPort {
	var out []netip.AddrPort
	add := func(addr netip.AddrPort) {
		if !self.has(addr) && !slices.Contains(out, addr) {
			out = append(out, addr)
		}
	}
	for _, url := range s.all {
		if addr, ok := s.literal[url]; ok {
			add(addr)
		}
		for _, addr := range s.found[url] {
			add(addr)
		}
	}
	return out
}

// watchSeeds looks the host names among the seeds of Start up again and again.
func (r *run) watchSeeds() error {
	timer := r.node.opts.clock.NewTimer(reresolveInterval)
	defer timer.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return nil
		case <-timer.C():
			for _, host := range r.names.hosts {
				_, _ = r.resolve(r.ctx, host) // if it fails, the last answer stands
			}
			timer.Reset(reresolveInterval)
		}
	}
}

// resolve looks a seed up and lets healing know.
func (r *run) resolve(ctx context.Context, host string) ([]netip.AddrPort, error) {
	n := r.node
	addrs, err := transport.Resolve(ctx, n.opts.resolver, host)
	if err != nil {
		n.log.warn("cannot resolve a seed", host, "seed", host, "error", err)
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !r.closing && slices.Contains(r.names.hosts, host) {
		r.names.found[host] = addrs
		n.core.SetSeeds(r.names.addrs(r.self))
	}
	return addrs, nil
}

// ownAddrs are the addresses at which a node finds itself.
type ownAddrs struct {
	bound, advertised netip.AddrPort
	local             []netip.Addr // of this machine, when bound to all of them
}

func newOwnAddrs(bound, advertised netip.AddrPort) ownAddrs {
	self := ownAddrs{bound: bound, advertised: advertised}
	if !bound.Addr().IsUnspecified() {
		return self
	}
	// Without the list, a seed that is another address of ours costs one refused
	// exchange with ourselves.
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if prefix, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(prefix.IP); ok {
				self.local = append(self.local, ip.Unmap())
			}
		}
	}
	return self
}

// has reports whether a packet to addr would come to us.
func (o ownAddrs) has(addr netip.AddrPort) bool {
	if addr == o.advertised || addr == o.bound {
		return true
	}
	if addr.Port() != o.bound.Port() || !o.bound.Addr().IsUnspecified() {
		return false
	}
	ip := addr.Addr()
	return ip.IsLoopback() || ip.IsUnspecified() || slices.Contains(o.local, ip.WithZone(""))
}
