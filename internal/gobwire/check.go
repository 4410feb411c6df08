package gobwire

import (
	"encoding/binary"
	"math"
)

// Package gob trusts its peer: it makes a map as large as a count says before it reads
// the first entry, and follows values into each other as deep as they go. A few hundred
// bytes can take all memory. So a state is walked through first, with the types that it
// brings along, as gob would: every count has to be matched by bytes, and depth is
// bounded. What passes costs gob time and memory in proportion to its length.
//
// Source: documentation of encoding/gob, "Encoding Details", and its decoder.

// maxNesting is how deep the parts of a state may be within each other. The state
// itself takes three levels.
const maxNesting = 128

// maxTypes is how many types a state may describe.
const maxTypes = 4096

// The ids of the types that gob knows by itself.
const (
	gobBool, gobInt, gobUint, gobFloat            = 1, 2, 3, 4
	gobBytes, gobString, gobComplex, gobInterface = 5, 6, 7, 8
)

// gobKind is what a described type is.
type gobKind uint8

const (
	gobArray gobKind = iota + 1 // the order is that of the fields of gob's wireType
	gobSlice
	gobStruct
	gobMap
	gobEncoder // speaks for itself: bytes
	binaryMarshaler
	textMarshaler
)

type gobType struct {
	kind      gobKind
	key, elem int64
	fields    []gobField
	length    uint64 // of an array
}

type gobField struct {
	name string
	id   int64
}

// A checker walks through one gob stream.
type checker struct {
	b     []byte // what is left of the message
	rest  []byte // what follows the message
	types map[int64]gobType
	bad   bool
}

// checkGob reports whether gob can be given a stream of one value.
func checkGob(b []byte) bool {
	c := checker{rest: b, types: map[int64]gobType{}}
	c.single(c.typeID(false), place{})
	return !c.bad && len(c.b) == 0 && len(c.rest) == 0
}

func (c *checker) uint() uint64 {
	if c.bad || len(c.b) == 0 {
		c.bad = true
		return 0
	}
	first := c.b[0]
	c.b = c.b[1:]
	if first < 0x80 {
		return uint64(first)
	}
	n := -int(int8(first))
	if n > 8 || n > len(c.b) {
		c.bad = true
		return 0
	}
	var full [8]byte
	copy(full[8-n:], c.b[:n])
	c.b = c.b[n:]
	return binary.BigEndian.Uint64(full[:])
}

func (c *checker) int() int64 {
	u := c.uint()
	if u&1 != 0 {
		return ^int64(u >> 1)
	}
	return int64(u >> 1)
}

// text reads a text, or bytes.
func (c *checker) text() []byte {
	n := c.uint()
	if n > uint64(len(c.b)) {
		c.bad, n = true, 0
	}
	text := c.b[:n]
	c.b = c.b[n:]
	return text
}

// count reads how many parts follow, each of at least some bytes.
func (c *checker) count(bytes uint64) uint64 {
	n := c.uint()
	if n > math.MaxInt32 || n*bytes > uint64(len(c.b)+len(c.rest)) {
		c.bad = true
	}
	return n
}

// typeID reads the descriptions of types, up to the id of the value that follows.
func (c *checker) typeID(within bool) int64 {
	for !c.bad {
		if len(c.b) == 0 {
			c.b, c.rest = c.rest, nil
			length := c.uint()
			if c.bad || length > uint64(len(c.b)) {
				c.bad = true
				return 0
			}
			c.b, c.rest = c.b[:length], c.b[length:]
		}
		id := c.int()
		if id >= 0 {
			return id
		}
		c.define(-id)
		if len(c.b) > 0 {
			if !within {
				c.bad = true
			}
			c.uint() // the length of what follows the description
		}
	}
	return 0
}

// eachField calls f with the number of each field of a struct, counted from 1.
func (c *checker) eachField(fields int, f func(field int)) {
	for at := uint64(0); !c.bad; {
		delta := c.uint()
		if delta == 0 {
			return
		}
		if delta > uint64(fields) || at+delta > uint64(fields) {
			c.bad = true
			return
		}
		at += delta
		f(int(at))
	}
}

// define reads the description of a type: gob's wireType, a struct of which one field
// is there.
func (c *checker) define(id int64) {
	var t gobType
	if _, twice := c.types[id]; twice || len(c.types) == maxTypes {
		c.bad = true
	}
	c.eachField(int(textMarshaler), func(kind int) {
		if t.kind != 0 {
			c.bad = true
		}
		t.kind = gobKind(kind)
		c.eachField(3, func(field int) {
			switch {
			case field == 1:
				c.common()
			case t.kind == gobStruct && field == 2:
				c.describeFields(&t)
			case t.kind == gobMap && field == 2:
				t.key = c.int()
			case t.kind == gobMap && field == 3, (t.kind == gobArray || t.kind == gobSlice) && field == 2:
				t.elem = c.int()
			case t.kind == gobArray && field == 3:
				t.length = uint64(c.int())
			default:
				c.bad = true
			}
		})
	})
	if t.kind == 0 {
		c.bad = true
	}
	c.types[id] = t
}

// common reads what all descriptions begin with: a name and an id.
func (c *checker) common() {
	c.eachField(2, func(field int) {
		if field == 1 {
			c.text()
		} else {
			c.int()
		}
	})
}

// describeFields reads the fields of a struct, each a name and the id of a type.
func (c *checker) describeFields(t *gobType) {
	for n := c.count(1); n > 0 && !c.bad; n-- {
		var f gobField
		c.eachField(2, func(field int) {
			if field == 1 {
				f.name = string(c.text())
			} else {
				f.id = c.int()
			}
		})
		t.fields = append(t.fields, f)
	}
}

// A place is where a value stands in the stream.
type place struct {
	depth int
	// ignorable: the receiver may have no use for it, as it is in a field of a struct
	// that he may not have.
	ignorable bool
}

func (p place) inside() place { return place{p.depth + 1, p.ignorable} }

// field is the place of a field of a struct that stands at p. Every receiver has the
// values of a node.
func (p place) field(name string) place {
	return place{p.depth + 1, p.ignorable || p.depth != 1 || name != "Value"}
}

// single walks through a value that stands by itself. If it is no struct, there is a
// zero before it.
func (c *checker) single(id int64, p place) {
	if c.types[id].kind != gobStruct && c.uint() != 0 {
		c.bad = true
	}
	c.value(id, p)
}

// value walks through a value of a type. Each takes at least one byte.
func (c *checker) value(id int64, p place) {
	if p.depth > maxNesting {
		c.bad = true
	}
	if c.bad {
		return
	}
	switch id {
	case gobBool, gobInt, gobUint, gobFloat:
		c.uint()
	case gobBytes, gobString:
		c.text()
	case gobComplex:
		c.uint()
		c.uint()
	case gobInterface:
		c.dynamic(p)
	default:
		c.described(c.types[id], p)
	}
}

// described walks through a value of a type that the stream describes.
func (c *checker) described(t gobType, p place) {
	switch t.kind {
	case gobArray, gobSlice:
		n := c.count(1)
		if t.kind == gobArray && n != t.length {
			c.bad = true
		}
		for ; n > 0 && !c.bad; n-- {
			c.value(t.elem, p.inside())
		}
	case gobMap:
		for n := c.count(2); n > 0 && !c.bad; n-- {
			c.value(t.key, p.inside())
			c.value(t.elem, p.inside())
		}
	case gobStruct:
		c.eachField(len(t.fields), func(field int) {
			f := t.fields[field-1]
			c.value(f.id, p.field(f.name))
		})
	case gobEncoder, binaryMarshaler, textMarshaler:
		c.text()
	default:
		c.bad = true // nobody described it
	}
}

// dynamic walks through an interface: the name of its type, empty for nil; what has not
// been described of it yet; its id; and the value after its length.
//
// A receiver that has no use for the value goes by its length, which must then mean
// the same. It does not if types are described within the value: gob writes the value
// in pieces then, each with a length of its own, and passes over the first alone.
func (c *checker) dynamic(p place) {
	if name := c.text(); len(name) == 0 || c.bad {
		return
	}
	id := c.typeID(true)
	length, described, before := c.uint(), len(c.types), uint64(len(c.b))
	c.single(id, p.inside())
	if p.ignorable && (len(c.types) != described || before-uint64(len(c.b)) != length) {
		c.bad = true
	}
}
