package transport

import (
	"net/netip"
	"testing"
)

func TestAdvertiseBelievesWhatIsExplicitAndElseTakesTheBoundAddress(t *testing.T) {
	r := names{"node.example": {"192.0.2.7"}}
	for _, tt := range []struct {
		about    string
		bound    string
		explicit string
		want     string
		problem  AddrProblem
	}{
		{about: "a specific address", bound: "10.0.0.1:7000", want: "10.0.0.1:7000"},
		{about: "loopback, if told so", bound: "127.0.0.1:7000", want: "127.0.0.1:7000"},
		{about: "a mapped address", bound: "[::ffff:10.0.0.1]:7000", want: "10.0.0.1:7000"},
		{about: "explicit wins", bound: "10.0.0.1:7000", explicit: "192.0.2.1:9000", want: "192.0.2.1:9000"},
		{about: "explicit wins over unspecified", bound: "0.0.0.0:7000", explicit: "192.0.2.1:9000", want: "192.0.2.1:9000"},
		{about: "explicit of the other family", bound: "0.0.0.0:7000", explicit: "[fd00::1]:9000", want: "[fd00::1]:9000"},
		{about: "explicit host alone", bound: "0.0.0.0:7000", explicit: "192.0.2.1", want: "192.0.2.1:7000"},
		{about: "explicit IPv6 host alone", bound: "0.0.0.0:7000", explicit: "fd00::1", want: "[fd00::1]:7000"},
		{about: "explicit port 0", bound: "0.0.0.0:7000", explicit: "192.0.2.1:0", want: "192.0.2.1:7000"},
		{about: "a name", bound: "0.0.0.0:7000", explicit: "node.example:9000", want: "192.0.2.7:9000"},
		{about: "a name alone", bound: "0.0.0.0:7000", explicit: "node.example", want: "192.0.2.7:7000"},
		{about: "unspecified is no address to tell", bound: "10.0.0.1:7000", explicit: "0.0.0.0:9000", problem: AddrUnspecified},
		{about: "unspecified IPv6 neither", bound: "10.0.0.1:7000", explicit: "::", problem: AddrUnspecified},
		{about: "no host", bound: "10.0.0.1:7000", explicit: ":9000", problem: AddrNoHost},
		{about: "bad port", bound: "10.0.0.1:7000", explicit: "192.0.2.1:x", problem: AddrBadPort},
		{about: "no IP address", bound: "10.0.0.1:7000", explicit: "192.0.2.256", problem: AddrNoPort},
		{about: "unknown name", bound: "10.0.0.1:7000", explicit: "other.example", problem: AddrUnknownHost},
	} {
		t.Run(tt.about, func(t *testing.T) {
			got, err := Advertise(within(t), r, ap(tt.bound), tt.explicit)
			if problemOf(err) != tt.problem {
				t.Fatalf("got error %v, want problem %q", err, tt.problem)
			}
			if err == nil && got != ap(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAdvertiseChoosesTheFirstUsableAddressOfTheRightFamily(t *testing.T) {
	for _, tt := range []struct {
		about string
		bound string
		local []string
		want  string
	}{
		{"IPv4, first of two", "0.0.0.0:7", []string{"10.0.0.1", "192.0.2.1"}, "10.0.0.1:7"},
		{"IPv4 before which IPv6 is listed", "0.0.0.0:7", []string{"fd00::1", "10.0.0.1"}, "10.0.0.1:7"},
		{"IPv4 link-local is not usable", "0.0.0.0:7", []string{"169.254.3.4", "10.0.0.1"}, "10.0.0.1:7"},
		{"public addresses are as good as private", "0.0.0.0:7", []string{"192.0.2.1", "10.0.0.1"}, "192.0.2.1:7"},
		{"IPv4 on an IPv6 machine", "0.0.0.0:7", []string{"fd00::1"}, "127.0.0.1:7"},
		{"IPv4 without a network", "0.0.0.0:7", nil, "127.0.0.1:7"},
		{"IPv6 behind which IPv4 is listed", "[::]:7", []string{"10.0.0.1", "fd00::1"}, "[fd00::1]:7"},
		{"IPv6 link-local is not usable", "[::]:7", []string{"fe80::1", "2001:db8::1"}, "[2001:db8::1]:7"},
		{"IPv6 wildcard on an IPv4 machine", "[::]:7", []string{"fe80::1", "10.0.0.1"}, "10.0.0.1:7"},
		{"IPv6 without a network", "[::]:7", []string{"fe80::1"}, "[::1]:7"},
	} {
		t.Run(tt.about, func(t *testing.T) {
			var local []netip.Addr
			for _, s := range tt.local {
				local = append(local, netip.MustParseAddr(s))
			}
			if got := chooseAdvertised(ap(tt.bound), local); got != ap(tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAdvertiseOnThisMachineNamesAnAddressThatCanBeReached(t *testing.T) {
	s := listen(t, "0.0.0.0:0")
	told, err := Advertise(within(t), nil, s.LocalAddr(), "")
	if err != nil {
		t.Fatal(err)
	}
	if told.Addr().IsUnspecified() || !told.Addr().Is4() || told.Port() != s.LocalAddr().Port() {
		t.Fatalf("bound to %v, told %v", s.LocalAddr(), told)
	}
	conn, err := s.Dial(within(t), told)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}
