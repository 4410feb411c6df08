package floor

import "encoding/binary"

// typeValues is the floor's own: memberlist has no message for values.
const typeValues = 0xf0

// Values are what a floor holds of one peer's keys.
type Values struct {
	version uint32
	held    map[string][]byte
}

// AppendValues appends a message with pairs of keys and values, none longer than 255
// bytes:
//
//	type 1 | version 4 | pairs 1 | length 1, key, length 1, value | …
func AppendValues(b []byte, version uint32, pairs [][2]string) []byte {
	b = binary.BigEndian.AppendUint32(append(b, typeValues), version)
	b = append(b, byte(len(pairs)))
	for _, p := range pairs {
		for _, s := range p {
			b = append(append(b, byte(len(s))), s...)
		}
	}
	return b
}

// Learn takes in a message that is newer than all before, and reports whether it is one.
// What is held is overwritten in place.
func (v *Values) Learn(b []byte) bool {
	if len(b) < 6 || b[0] != typeValues {
		return false
	}
	version := binary.BigEndian.Uint32(b[1:])
	if version <= v.version {
		return false
	}
	if v.held == nil {
		v.held = map[string][]byte{}
	}
	rest := b[6:]
	for range int(b[5]) {
		var key, value []byte
		if key, rest = short(rest); rest == nil {
			return false
		}
		if value, rest = short(rest); rest == nil {
			return false
		}
		held, known := v.held[string(key)]
		if known && len(held) == len(value) {
			copy(held, value)
		} else {
			v.held[string(key)] = append([]byte(nil), value...)
		}
	}
	v.version = version
	return true
}

// short cuts a string with its length before it; rest is nil if it is cut off.
func short(b []byte) (s, rest []byte) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return nil, nil
	}
	return b[1 : 1+b[0]], b[1+b[0]:]
}
