package explore

import (
	"net/netip"

	"github.com/nekton-go/nekton/swim"
)

// nameOf is the name of node i: a, b, c, d.
func nameOf(i int) string { return string(rune('a' + i)) }

// nodeOf is the node of a name.
func nodeOf(name string) (int, bool) {
	if len(name) != 1 || name[0] < 'a' || name[0] >= 'a'+MaxNodes {
		return 0, false
	}
	return int(name[0] - 'a'), true
}

const port = 7946

// addrOf is where node i lives: 10.0.0.1 and so on.
func addrOf(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, byte(i + 1)}), port)
}

// nodeAt is who lives at an address.
func nodeAt(a netip.AddrPort) (int, bool) {
	b := a.Addr().As4()
	i := int(b[3]) - 1
	return i, i >= 0 && i < MaxNodes && addrOf(i) == a
}

// firstLife is that of every node at the start. A restart takes a boot that is
// bootStep higher, or half of that lower.
func firstLife() swim.Life { return swim.Life{Generation: 1, Boot: 1000} }

const bootStep = 10
