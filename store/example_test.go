package store_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// A change travels as a rumour; what a rumour did not bring, hashes find and
// digests repair.
func Example() {
	var now time.Duration // monotonic
	wall := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

	a, _ := store.New(store.Config{Self: "a", Generation: 1})
	b, _ := store.New(store.Config{Self: "b", Generation: 1})

	_ = a.Set(wall, "color", []byte("red"))
	merged, err := b.Merge(now, a.AppendRumour(nil, "a", 0, 1400))
	color, _ := b.Get("a", "color")
	fmt.Printf("news %v, error %v: color is %s since %v\n", merged.News, err, color, b.Updated("a"))

	a.Delete(now, wall, "color")
	_ = a.Set(wall, "size", []byte("large"))
	_, err = b.Merge(now, a.AppendRumour(nil, "a", 2, 1400)) // the rumour before it was lost
	fmt.Println("gap:", errors.Is(err, store.ErrGap), "- hashes are equal:", a.Hash("a") == b.Hash("a"))

	_, err = b.Merge(now, a.AppendDelta(nil, "a", b.AppendDigest(nil, "a"), 1<<20))
	fmt.Println("error", err, "- hashes are equal:", a.Hash("a") == b.Hash("a"))
	for key, value := range b.Entries("a") {
		fmt.Printf("%s = %s\n", key, value)
	}
	// Output:
	// news true, error <nil>: color is red since 2024-05-06 07:08:09 +0000 UTC
	// gap: true - hashes are equal: false
	// error <nil> - hashes are equal: true
	// size = large
}

// An overlay is what this node was told by its program. The owner has the last word.
func ExampleStore_Overlay() {
	wall := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	a, _ := store.New(store.Config{Self: "a"})
	b, _ := store.New(store.Config{Self: "b"})
	show := func(when string) {
		value, ok := b.Get("a", "load")
		fmt.Printf("%s: %s %v\n", when, value, ok)
	}

	_ = a.Set(wall, "load", []byte("1"))
	_, _ = b.Merge(0, a.AppendRumour(nil, "a", 0, 1400))
	_, _ = b.Overlay("a", wall.Add(time.Second), map[types.StoreKey][]byte{"load": []byte("99")}, false)
	show("covered")
	_ = a.Set(wall, "load", []byte("2"))
	_, _ = b.Merge(0, a.AppendRumour(nil, "a", 1, 1400))
	show("the owner spoke")
	// Output:
	// covered: 99 true
	// the owner spoke: 2 true
}

// Values return with their Go types. A struct needs a name to return as itself.
func ExampleRegistry() {
	type Disk struct {
		Path string
		Free uint64
	}
	g := store.NewRegistry()
	show := func(v any) {
		b, err := g.Encode(v)
		if err != nil {
			fmt.Println(err)
			return
		}
		back, _ := g.Decode(b)
		fmt.Printf("%T %v\n", back, back)
	}
	show(int8(7))
	show(map[string][]int{"a": {1, 2}})
	show(Disk{"/", 1 << 30})
	if err := g.Register("disk", Disk{}); err != nil {
		fmt.Println(err)
	}
	show(Disk{"/", 1 << 30})
	show(make(chan int))
	// Output:
	// int8 7
	// map[string][]int map[a:[1 2]]
	// map[string]interface {} map[Free:1073741824 Path:/]
	// store_test.Disk {/ 1073741824}
	// store: cannot encode chan int
}
