package store

import (
	"cmp"
	"fmt"
)

// A Version counts the changes that a node made to its own map within one life.
// Version 0 is the empty map with which every life begins.
type Version uint64

// A Life is one run of a node under its name. Higher lives replace lower ones, and
// begin with an empty map.
type Life struct {
	// Generation is given by whoever starts the node.
	Generation uint64
	// Boot orders the starts within one generation.
	Boot uint64
}

// Compare orders lives: by generation, then by boot.
func (l Life) Compare(o Life) int {
	return cmp.Or(cmp.Compare(l.Generation, o.Generation), cmp.Compare(l.Boot, o.Boot))
}

// String prints generation/boot.
func (l Life) String() string { return fmt.Sprintf("%d/%d", l.Generation, l.Boot) }
