package swim_test

import (
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// pair are two members that know each other, and the same n others.
func pair(t *testing.T, n int) (one, other *solo) {
	t.Helper()
	one, other = named(t, "one", 5001, nil), named(t, "other", 5002, nil)
	for _, s := range []*solo{one, other} {
		s.meet(n)
	}
	if _, err := pushPull(one, other, swim.DialHeal); err != nil {
		t.Fatal(err)
	}
	if one.core.Fingerprints() != other.core.Fingerprints() {
		t.Fatal("the tables differ")
	}
	return one, other
}

func TestTablesThatAgreeAreComparedInTwoFramesWhateverTheirSize(t *testing.T) {
	var first []int
	for _, n := range []int{10, 100, 400} {
		one, other := pair(t, n)
		sizes, err := pushPull(one, other, swim.DialHeal)
		if err != nil || len(sizes) != 2 || sizes[0]+sizes[1] > 150 {
			t.Errorf("%d members: frames of %v bytes, error %v", n, sizes, err)
		}
		if first == nil {
			first = sizes
		}
		for i := range first {
			if i < len(sizes) && sizes[i] != first[i] {
				t.Errorf("%d members: frames of %v bytes, %v with 10", n, sizes, first)
			}
		}
		if s := one.core.Stats(); s.ExchangesIdle != 1 {
			t.Errorf("%d members: %d exchanges were idle", n, s.ExchangesIdle)
		}
	}
}

// The answerer sends its sums, and the opener its rows: five frames, whose bytes go with
// what differs.
func TestAnAnswererWithManyMoreBucketsOpensBack(t *testing.T) {
	for _, ahead := range []string{"opener", "answerer"} {
		one, other := pair(t, 400)
		s := one
		if ahead == "answerer" {
			s = other
		}
		for i := range 3 {
			p := newPeer(i * 100)
			p.stamp.Incarnation++
			s.hear(p.addr, p.alive())
		}
		sizes, err := pushPull(one, other, swim.DialHeal)
		if err != nil || len(sizes) != 5 {
			t.Fatalf("%s ahead: frames of %v bytes, error %v", ahead, sizes, err)
		}
		if one.core.Fingerprints() != other.core.Fingerprints() {
			t.Errorf("%s ahead: the tables still differ", ahead)
		}
		if sums := 32 * 9; sizes[1] < sums || sizes[1] > sums+200 {
			t.Errorf("%s ahead: %d bytes of sums", ahead, sizes[1])
		}
		if rest := sizes[0] + sizes[2] + sizes[3] + sizes[4]; rest > 3*16*2*40 {
			t.Errorf("%s ahead: %d bytes for three rows that differ", ahead, rest)
		}
	}
}
