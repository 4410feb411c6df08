package explore

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/nekton-go/nekton/swim"
)

// A state is one state of the whole cluster: what every node is, what is on its way,
// and what may still happen.
type state struct {
	nodes [MaxNodes]slot
	left  [numBudgets]uint8
	items []itemID // in the order of their content
}

// A slot is a node and what is to be remembered of its former runs.
type slot struct {
	snap  snapID // noSnap: it is down
	ghost ghostID
}

// A ghost is what is to be remembered of the former runs of a node, since others may
// still speak of them.
type ghost struct {
	runs int
	top  swim.Stamp // the highest that it has reached
	gone swim.Life  // the highest life that it has left; zero: none
	last mark       // the highest mark that it has published
}

// ghostID addresses an interned ghost.
type ghostID uint32

func (m *machine) internGhost(g ghost) ghostID {
	id, ok := m.ghostID[g]
	if !ok {
		id = ghostID(len(m.ghosts))
		m.ghosts = append(m.ghosts, g)
		m.ghostID[g] = id
	}
	return id
}

// past is a node's ghost with what its present run adds.
func (m *machine) past(s slot) ghost {
	g := m.ghosts[s.ghost]
	if s.snap == noSnap {
		return g
	}
	v := &m.snaps[s.snap].view
	if v.self.Compare(g.top) > 0 {
		g.top = v.self
	}
	if v.own == swim.Left && v.self.Life.Compare(g.gone) > 0 {
		g.gone = v.self.Life
	}
	if v.held[v.node].compare(g.last) > 0 {
		g.last = v.held[v.node]
	}
	return g
}

func (st *state) copyFrom(o *state) {
	st.nodes, st.left = o.nodes, o.left
	st.items = append(st.items[:0], o.items...)
}

// add puts something on its way.
func (m *machine) add(st *state, id itemID) {
	i, _ := slices.BinarySearchFunc(st.items, id, func(a, b itemID) int {
		if m.before(a, b) {
			return -1
		}
		return 1
	})
	st.items = slices.Insert(st.items, i, id)
}

// appendWords encodes a state for the machine that has interned what it is made of.
func (st *state) appendWords(b []uint32) []uint32 {
	for _, s := range st.nodes {
		b = append(b, uint32(s.snap), uint32(s.ghost))
	}
	for i := 0; i < int(numBudgets); i += 4 {
		var w uint32
		for j := i; j < min(i+4, int(numBudgets)); j++ {
			w = w<<8 | uint32(st.left[j])
		}
		b = append(b, w)
	}
	b = append(b, uint32(len(st.items)))
	for _, it := range st.items {
		b = append(b, uint32(it))
	}
	return b
}

// readWords decodes what appendWords wrote, and returns the rest.
func (st *state) readWords(b []uint32) []uint32 {
	for i := range st.nodes {
		st.nodes[i] = slot{snapID(b[2*i]), ghostID(b[2*i+1])}
	}
	b = b[2*MaxNodes:]
	for i := 0; i < int(numBudgets); i += 4 {
		w := b[0]
		b = b[1:]
		for j := min(i+4, int(numBudgets)) - 1; j >= i; j-- {
			st.left[j] = uint8(w)
			w >>= 8
		}
	}
	n := int(b[0])
	st.items = st.items[:0]
	for _, it := range b[1 : 1+n] {
		st.items = append(st.items, itemID(it))
	}
	return b[1+n:]
}

// hashWords is the identity of an encoded state. It is the front of a SHA-256, so that
// two states of n are taken for one with a probability of about n²/2¹²⁹: one in 10²²
// for a hundred million.
func hashWords(words []uint32, scratch []byte) (hash [2]uint64, buf []byte) {
	scratch = scratch[:0]
	for _, w := range words {
		scratch = binary.LittleEndian.AppendUint32(scratch, w)
	}
	h := sha256.Sum256(scratch)
	return [2]uint64{binary.LittleEndian.Uint64(h[:]), binary.LittleEndian.Uint64(h[8:])}, scratch
}
