package explore

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

func TestEveryCombinationOfChoicesIsFollowedOnce(t *testing.T) {
	// The second choice depends on the first, and so does whether there is a third.
	ch := chance{most: 4}
	var all [][]int
	for more := true; more; more = ch.next() {
		got := []int{ch.IntN(3)}
		got = append(got, ch.IntN(got[0]+1))
		if got[1] == 1 {
			got = append(got, ch.IntN(2))
		}
		if ch.IntN(1) != 0 || ch.IntN(1000) != 0 || ch.IntN(5) != 0 {
			t.Error("a choice that is not followed is not its first outcome")
		}
		all = append(all, got)
	}
	want := [][]int{{0, 0}, {1, 0}, {1, 1, 0}, {1, 1, 1}, {2, 0}, {2, 1, 0}, {2, 1, 1}, {2, 2}}
	if !slices.EqualFunc(all, want, slices.Equal) {
		t.Errorf("%v, want %v", all, want)
	}
}

func TestASetOfHashesKeepsThemAll(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	v, want := newVisited(), map[[2]uint64]bool{}
	for range 4_000 {
		h := [2]uint64{r.Uint64N(100) << 40, r.Uint64N(100) + 1}
		if v.add(h) == want[h] {
			t.Fatalf("%x: new %v", h, want[h])
		}
		want[h] = true
	}
	if v.count != len(want) {
		t.Errorf("%d, want %d", v.count, len(want))
	}
}

func TestAStateIsReadAsItWasWritten(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var words []uint32
	var all []state
	for range 100 {
		var st state
		for i := range st.nodes {
			st.nodes[i] = slot{snapID(r.Uint32()), ghostID(r.Uint32())}
		}
		for i := range st.left {
			st.left[i] = uint8(r.Uint32())
		}
		for range r.IntN(5) {
			st.items = append(st.items, itemID(r.Uint32()))
		}
		words = st.appendWords(words)
		all = append(all, st)
	}
	var st state
	for i, want := range all {
		words = st.readWords(words)
		if st.nodes != want.nodes || st.left != want.left || !slices.Equal(st.items, want.items) {
			t.Fatalf("state %d: %v, want %v", i, st, want)
		}
	}
	if len(words) != 0 {
		t.Errorf("%d words are left", len(words))
	}
}

func TestAnActionIsReadAsItWasWritten(t *testing.T) {
	for _, a := range []action{
		{actTimeout, 1, 0}, {actStall, 3, 2}, {actCrash, 0, 0}, {actRestart, 2, 3}, {actLeave, 0, 0}, {actStop, 1, 0},
		{actPublish, 2, 0}, {actUpdate, 0, 1}, {actDeliver, 255, 65535}, {actDrop, 0, 0}, {actDuplicate, 12, 1},
	} {
		got, err := parseAction(a.String())
		if err != nil || got != a || unpack(a.pack()) != a {
			t.Errorf("%v: %v, %v, %v", a, got, err, unpack(a.pack()))
		}
	}
}

// The state that rides along is a join of what owners publish: whoever hears more is
// never behind.
func TestMarksMergeToTheHigher(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	random := func() *marks {
		m := &marks{self: 1}
		for i := range m.held {
			m.held[i] = mark{swim.Life{Generation: 1, Boot: swim.Boot(r.IntN(3))}, r.Uint64N(3)}
		}
		return m
	}
	for range 1000 {
		a, b := random(), random()
		digest := a.AppendDigest(nil, "a")
		delta := b.AppendDelta(nil, "a", digest, 1000)
		want := a.held[0]
		if len(delta) > 0 {
			if b.held[0].compare(a.held[0]) <= 0 {
				t.Fatalf("%v sends %v what it has", b.held[0], a.held[0])
			}
			want = b.held[0]
		} else if b.held[0].compare(a.held[0]) > 0 && b.held[0].version > 0 {
			t.Fatalf("%v sends %v nothing", b.held[0], a.held[0])
		}
		if len(delta) > 0 && !a.Merge(delta).News {
			t.Fatal("a delta that is ahead brings no news")
		}
		if a.held[0] != want {
			t.Fatalf("%v, want %v", a.held[0], want)
		}
		if len(delta) > 0 && (a.Merge(delta).News || a.Compare("a", b.AppendDigest(nil, "a")) != 0) {
			t.Fatal("the same delta brings news twice")
		}
	}
}
