package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

// names is a resolver with a fixed list.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	if network != "ip" {
		return nil, errors.New("asked for network " + network)
	}
	found, ok := n[host]
	if !ok {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	var ips []netip.Addr
	for _, ip := range found {
		ips = append(ips, netip.MustParseAddr(ip))
	}
	return ips, nil
}

// noNames fails a test that looks up what needs no look-up.
type noNames struct{ t *testing.T }

func (n noNames) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	n.t.Errorf("looked up %q", host)
	return nil, errors.New("no names here")
}

func problemOf(err error) AddrProblem {
	var addrErr *AddrError
	if errors.As(err, &addrErr) {
		return addrErr.Problem
	}
	return 0
}

func TestAddressesWithoutNamesAreReadWithoutALookUp(t *testing.T) {
	for _, tt := range []struct {
		in      string
		want    string
		problem AddrProblem
	}{
		{in: "10.0.0.1:7000", want: "10.0.0.1:7000"},
		{in: "10.0.0.1:0", want: "10.0.0.1:0"},
		{in: "0.0.0.0:7000", want: "0.0.0.0:7000"},
		{in: "[::1]:7000", want: "[::1]:7000"},
		{in: "[fe80::1%eth0]:7000", want: "[fe80::1%eth0]:7000"},
		{in: "[::ffff:10.0.0.1]:7000", want: "10.0.0.1:7000"},
		{in: "10.0.0.1:65535", want: "10.0.0.1:65535"},
		{in: "", problem: AddrEmpty},
		{in: "nonsense", problem: AddrNoPort},
		{in: "10.0.0.1", problem: AddrNoPort},
		{in: "::1", problem: AddrNoPort},
		{in: "::1:7000", problem: AddrNoPort},
		{in: "[::1]", problem: AddrNoPort},
		{in: ":7000", problem: AddrNoHost},
		{in: "10.0.0.1:", problem: AddrBadPort},
		{in: "10.0.0.1:http", problem: AddrBadPort},
		{in: "10.0.0.1:65536", problem: AddrBadPort},
		{in: "10.0.0.1:-1", problem: AddrBadPort},
		{in: "10.0.0.256:7000", problem: AddrBadIP},
		{in: "10.0.1:7000", problem: AddrBadIP},
		{in: "[::g]:7000", problem: AddrBadIP},
	} {
		t.Run(tt.in, func(t *testing.T) {
			got, err := ParseAddr(within(t), noNames{t}, tt.in)
			if problemOf(err) != tt.problem {
				t.Fatalf("got error %v, want problem %q", err, tt.problem)
			}
			if err != nil {
				if addrErr := err.(*AddrError); addrErr.Addr != tt.in {
					t.Errorf("the error names %q", addrErr.Addr)
				}
				return
			}
			if got != ap(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestNamesAreResolvedToEachOfTheirAddressesOnce(t *testing.T) {
	r := names{
		"seeds.example": {"::ffff:10.0.0.1", "10.0.0.1", "fd00::1", "10.0.0.2"},
		"empty.example": {},
	}
	for _, tt := range []struct {
		in      string
		want    []string
		problem AddrProblem
	}{
		{in: "seeds.example:7000", want: []string{"10.0.0.1:7000", "[fd00::1]:7000", "10.0.0.2:7000"}},
		{in: "10.0.0.9:7000", want: []string{"10.0.0.9:7000"}},
		{in: "seeds.example:0", problem: AddrBadPort},
		{in: "empty.example:7000", problem: AddrUnknownHost},
		{in: "unknown.example:7000", problem: AddrUnknownHost},
		{in: "seeds.example", problem: AddrNoPort},
	} {
		t.Run(tt.in, func(t *testing.T) {
			got, err := Resolve(within(t), r, tt.in)
			if problemOf(err) != tt.problem {
				t.Fatalf("got error %v, want problem %q", err, tt.problem)
			}
			var want []netip.AddrPort
			for _, s := range tt.want {
				want = append(want, ap(s))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestAnAddrErrorSaysWhatAndWhyAndKeepsTheCause(t *testing.T) {
	_, err := ParseAddr(within(t), names{}, "unknown.example:7000")
	const want = `transport: address "unknown.example:7000": the host is no IP address and the name cannot be resolved: lookup unknown.example: no such host`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	var dns *net.DNSError
	if !errors.As(err, &dns) || !dns.IsNotFound {
		t.Errorf("%v does not wrap the resolver's error", err)
	}
	_, err = ParseAddr(within(t), nil, "")
	if want := `transport: address "": it is empty: write "host:port"`; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	for p := AddrEmpty; p <= AddrCannotBind; p++ {
		if p.String() == "" {
			t.Errorf("problem %d has no text", p)
		}
	}
	if got := AddrProblem(200).String(); got != "AddrProblem(200)" {
		t.Errorf("an unknown problem prints as %q", got)
	}
}

func TestTheAddressBehindANetAddrIsNeverIPv4Mapped(t *testing.T) {
	for _, tt := range []struct {
		in   net.Addr
		want netip.AddrPort
	}{
		{&net.TCPAddr{IP: net.ParseIP("10.0.0.1").To16(), Port: 7}, ap("10.0.0.1:7")},
		{&net.UDPAddr{IP: net.ParseIP("fe80::1"), Port: 7, Zone: "eth0"}, ap("[fe80::1%eth0]:7")},
		{&net.UnixAddr{Name: "/x", Net: "unix"}, netip.AddrPort{}},
	} {
		if got := AddrOf(tt.in); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.in, got, tt.want)
		}
	}
}
