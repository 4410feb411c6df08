package wirev1

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// tableText is like a push-pull of n members, with a state behind it.
func tableText(n int, state string) []byte {
	b := []byte("\x06\x83\xa4Join\xc2\xa5Nodes\xd1")
	for i := range n {
		b = fmt.Appendf(b, "\x87\xa4Addr\xa4%04d\xabIncarnation\x01\xa4Meta\xa5%05d\xa4Name\xa6n%05d\xa4Port\xcd\x1f\x0a", i, i*i%99991, i)
	}
	return append(b, state...)
}

// However a message differs from the one before, what comes of it is what comes of it
// alone.
func TestACompressorRemembersNothingThatIsDifferent(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var c Compressor
	check := func(what string, message []byte) {
		t.Helper()
		if got, want := c.Compress(message), AppendCompressed(nil, message); !bytes.Equal(got, want) {
			t.Fatalf("%s: %d bytes are compressed to %d, alone to %d", what, len(message), len(got), len(want))
		}
	}
	for _, text := range texts() {
		check("a text", text)
		check("the same text", text)
	}
	last := tableText(1000, "state")
	for step := range 300 {
		next := bytes.Clone(last)
		at := random.IntN(len(next))
		switch step % 6 {
		case 0:
			next[at]++
		case 1:
			next = next[:at]
		case 2:
			next = append(next[:at:at], next[at/2:]...)
		case 3:
			next = tableText(1000, fmt.Sprint("another state ", step))
		case 4: // the same up to where a tree ended, but for the byte that ended it
			if n := len(c.trees); n > 0 {
				next[c.trees[random.IntN(n)].text]++
			}
		}
		if len(next) > 200000 || len(next) < 100 {
			next = tableText(1000, "state")
		}
		check(fmt.Sprint("step ", step), next)
		last = next
	}
}

func TestACompressorDoesNotCompressAgainWhatATableBeginsWith(t *testing.T) {
	var c Compressor
	table, next := tableText(10000, "state"), tableText(10000, "another state")
	c.Compress(table)
	trees := len(c.trees)
	if _, done := c.resume(next); done < len(table)*9/10 || len(c.trees) != trees {
		t.Errorf("%d of %d bytes, %d of %d trees are used again", done, len(table), len(c.trees), trees)
	}
	c.Compress(next)
	if allocs := testing.AllocsPerRun(10, func() { c.Compress(table); c.Compress(next) }); allocs > 0 {
		t.Errorf("%v allocations for two messages, want none", allocs)
	}
}

func BenchmarkCompressor(b *testing.B) {
	for what, first := range map[string]string{"unchanged": "state", "new state": "another state", "new table": ""} {
		b.Run(what, func(b *testing.B) {
			b.ReportAllocs()
			var c Compressor
			table, other := tableText(10000, "state"), tableText(10000, first)
			if first == "" {
				other = append([]byte{0}, other...)
			}
			for b.Loop() {
				c.Compress(other)
				c.Compress(table)
			}
		})
	}
}
