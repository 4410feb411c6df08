package explore

import (
	"cmp"
	"encoding/binary"

	"github.com/nekton-go/nekton/swim"
)

// A mark is the simplest state that can ride along with a member: a number that only
// its owner raises, void with the life in which it was published.
type mark struct {
	life    swim.Life
	version uint64
}

func (m mark) compare(o mark) int {
	return cmp.Or(m.life.Compare(o.life), cmp.Compare(m.version, o.version))
}

// marks is what one node holds of everybody's mark. It implements swim.Rider. On the
// wire a mark is its version, generation and boot, 8 bytes each, and the name.
type marks struct {
	self int
	held [MaxNodes]mark
}

const markLen = 24

func (m *marks) clone() *marks {
	n := *m
	return &n
}

// publish raises the own mark and returns what it was.
func (m *marks) publish() (base uint64) {
	base = m.held[m.self].version
	m.held[m.self].version++
	return base
}

// Hash is 0 for a mark of no life, and else differs between any two marks that an
// exploration can bring about, one pair in 2⁶⁴ excepted.
func (m *marks) Hash(name string) uint64 {
	i, ok := nodeOf(name)
	if !ok || m.held[i] == (mark{}) {
		return 0
	}
	h := uint64(i + 1)
	for _, x := range [...]uint64{uint64(m.held[i].life.Generation), uint64(m.held[i].life.Boot), m.held[i].version} {
		h = (h ^ x) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	return h
}

// BeginLife voids what was published in former lives; a new life of our own does not.
func (m *marks) BeginLife(name string, life swim.Life) {
	i, ok := nodeOf(name)
	if !ok || life.Compare(m.held[i].life) <= 0 {
		return
	}
	m.held[i].life = life
	if i != m.self {
		m.held[i].version = 0
	}
}

// Meet voids what was published in any other life.
func (m *marks) Meet(name string, life swim.Life) {
	if i, ok := nodeOf(name); ok && i != m.self && life.Compare(m.held[i].life) < 0 {
		m.held[i].life, m.held[i].version = life, 0
		return
	}
	m.BeginLife(name, life)
}

func (m *marks) encode(b []byte, i int) []byte {
	b = binary.BigEndian.AppendUint64(b, m.held[i].version)
	b = binary.BigEndian.AppendUint64(b, uint64(m.held[i].life.Generation))
	return binary.BigEndian.AppendUint64(b, uint64(m.held[i].life.Boot))
}

func decode(b []byte) mark {
	if len(b) < markLen {
		return mark{}
	}
	return mark{
		version: binary.BigEndian.Uint64(b),
		life: swim.Life{
			Generation: swim.Generation(binary.BigEndian.Uint64(b[8:])),
			Boot:       swim.Boot(binary.BigEndian.Uint64(b[16:])),
		},
	}
}

// AppendRumour appends the mark if it is above base.
func (m *marks) AppendRumour(b []byte, name string, base uint64, budget int) []byte {
	i, ok := nodeOf(name)
	if !ok || m.held[i].version <= base || markLen+len(name) > budget {
		return b
	}
	return append(m.encode(b, i), name...)
}

// About is what follows the numbers, and two of them.
func (m *marks) About(rumour []byte) ([]byte, swim.Life, bool) {
	if len(rumour) <= markLen {
		return nil, swim.Life{}, false
	}
	return rumour[markLen:], decode(rumour).life, true
}

// Merge keeps the higher mark.
func (m *marks) Merge(rumour []byte) swim.Merged {
	i, ok := nodeOf(string(rumour[markLen:]))
	if !ok {
		return swim.Merged{Drop: swim.DropBadRumour}
	}
	held, told := m.held[i], decode(rumour)
	if order := told.compare(held); order <= 0 {
		return swim.Merged{Repeat: order == 0}
	}
	m.held[i] = told
	if told.life != held.life {
		held.version = 0
	}
	return swim.Merged{News: true, Base: held.version}
}

// AppendDigest appends the numbers, or nothing for a mark of no life.
func (m *marks) AppendDigest(b []byte, name string) []byte {
	i, ok := nodeOf(name)
	if !ok || m.held[i] == (mark{}) {
		return b
	}
	return m.encode(b, i)
}

// Compare orders what is held and what a digest describes.
func (m *marks) Compare(name string, digest []byte) int {
	i, ok := nodeOf(name)
	if !ok {
		return 0
	}
	return m.held[i].compare(decode(digest))
}

// AppendDelta appends the mark if it is above the digest.
func (m *marks) AppendDelta(b []byte, name string, digest []byte, budget int) []byte {
	if m.Compare(name, digest) <= 0 {
		return b
	}
	return m.AppendRumour(b, name, 0, budget)
}
