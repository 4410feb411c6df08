package swim_test

import (
	"encoding/binary"

	"github.com/nekton-go/nekton/swim"
)

// notes is the simplest state that can ride along: one number per member, which
// only its owner raises. A rumour is the number and the name.
type notes struct {
	self  string
	value map[string]uint64
	life  map[string]swim.Life
}

func newNotes(self string) *notes {
	return &notes{self: self, value: map[string]uint64{}, life: map[string]swim.Life{}}
}

// publish raises the own number.
func (n *notes) publish() (base uint64) {
	base = n.value[n.self]
	n.value[n.self]++
	return base
}

func (n *notes) Hash(name string) uint64 {
	v, l := n.value[name], n.life[name]
	if v == 0 && l == (swim.Life{}) {
		return 0
	}
	h := uint64(1469598103934665603)
	for _, b := range []byte(name) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	for _, x := range []uint64{v, uint64(l.Generation), uint64(l.Boot)} {
		h = (h ^ x) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

func (n *notes) BeginLife(name string, l swim.Life) {
	if l.Compare(n.life[name]) <= 0 {
		return
	}
	n.life[name] = l
	if name != n.self {
		n.value[name] = 0
	}
}

func (n *notes) Meet(name string, l swim.Life) {
	if l.Compare(n.life[name]) < 0 {
		delete(n.life, name)
		delete(n.value, name)
	}
	n.BeginLife(name, l)
}

func (n *notes) encode(b []byte, name string) []byte {
	b = binary.BigEndian.AppendUint64(b, n.value[name])
	b = binary.BigEndian.AppendUint64(b, uint64(n.life[name].Generation))
	b = binary.BigEndian.AppendUint64(b, uint64(n.life[name].Boot))
	return append(b, name...)
}

func (n *notes) AppendRumour(b []byte, name string, base uint64, budget int) []byte {
	if n.value[name] <= base || 24+len(name) > budget {
		return b
	}
	return n.encode(b, name)
}

func (n *notes) About(rumour []byte) ([]byte, swim.Life, bool) {
	if len(rumour) <= 24 {
		return nil, swim.Life{}, false
	}
	return rumour[24:], lifeIn(rumour), true
}

// lifeIn is the life in a rumour or digest.
func lifeIn(b []byte) swim.Life {
	return swim.Life{
		Generation: swim.Generation(binary.BigEndian.Uint64(b[8:])),
		Boot:       swim.Boot(binary.BigEndian.Uint64(b[16:])),
	}
}

func (n *notes) Merge(rumour []byte) swim.Merged {
	name := string(rumour[24:])
	v := binary.BigEndian.Uint64(rumour)
	l := lifeIn(rumour)
	held, hl := n.value[name], n.life[name]
	switch order := l.Compare(hl); {
	case order < 0 || order == 0 && v <= held:
		return swim.Merged{Repeat: order == 0 && v == held}
	case order > 0:
		held = 0
	}
	n.value[name], n.life[name] = v, l
	return swim.Merged{News: true, Base: held}
}

func (n *notes) AppendDigest(b []byte, name string) []byte {
	if n.value[name] == 0 && n.life[name] == (swim.Life{}) {
		return b
	}
	return n.encode(b, "")
}

func (n *notes) Compare(name string, digest []byte) int {
	var v uint64
	var l swim.Life
	if len(digest) >= 24 {
		v = binary.BigEndian.Uint64(digest)
		l = lifeIn(digest)
	}
	if order := n.life[name].Compare(l); order != 0 {
		return order
	}
	switch {
	case n.value[name] > v:
		return +1
	case n.value[name] < v:
		return -1
	}
	return 0
}

func (n *notes) AppendDelta(b []byte, name string, digest []byte, budget int) []byte {
	if n.Compare(name, digest) <= 0 || n.value[name] == 0 || 24+len(name) > budget {
		return b
	}
	return n.encode(b, name)
}
