package swim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"pgregory.net/rapid"
)

func TestAnIndexFindsWhatWasAddedAndNotRemoved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x, held := swim.NewIndex(rapid.Uint64().Draw(t, "secret")), map[string]int{}
		for range rapid.IntRange(0, 200).Draw(t, "steps") {
			name := fmt.Sprint("n", rapid.IntRange(0, 60).Draw(t, "name"))
			if number, ok := held[name]; ok {
				x.Remove(number)
				delete(held, name)
			} else {
				held[name] = x.Add(name)
			}
			for i := range 61 {
				name, want := fmt.Sprint("n", i), -1
				if number, ok := held[name]; ok {
					want = number
				}
				if got := x.Find(name); got != want {
					t.Fatalf("%s is found as %d, want %d", name, got, want)
				}
			}
			if used, places := x.Room(); used != len(held) || used > 0 && 5*used > 4*places {
				t.Fatalf("%d of %d places are in use, for %d names", used, places, len(held))
			}
		}
	})
}

// 4 bytes a place, and at most 1.6 places a name.
func TestAnIndexHasLittleRoomToSpare(t *testing.T) {
	x := swim.NewIndex(1)
	for i := range 50_000 {
		x.Add(fmt.Sprint(i))
		if used, places := x.Room(); used >= 64 && (5*used > 4*places || 10*places > 16*used) {
			t.Fatalf("%d places for %d names", places, used)
		}
	}
}

// Who does not know the secret cannot tell where a name belongs.
func TestNamesThatMeetUnderOneSecretPartUnderAnother(t *testing.T) {
	one, other := swim.NewIndex(1), swim.NewIndex(2)
	const places = 1 << 10
	var meet []string
	for i := 0; len(meet) < 200; i++ {
		if name := fmt.Sprint("node", i); one.Home(name, places) == 7 {
			meet = append(meet, name)
		}
	}
	homes := map[int]int{}
	for _, name := range meet {
		homes[other.Home(name, places)]++
	}
	if len(homes) < 150 {
		t.Errorf("200 names of one home have %d under another secret", len(homes))
	}
}

func TestTextHashesAlikeAsStringAndAsBytes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 40 {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if !swim.SameHash(r.Uint64(), string(b)) {
			t.Errorf("%x hashes otherwise as bytes", b)
		}
	}
}
