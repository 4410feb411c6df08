package wirev1

import (
	"bytes"
	"reflect"
	"testing"
)

// The short cut reads what it reads as the long way does, and leaves the rest to that:
// usual records with each of their bytes replaced by every other, and cut everywhere.
func TestTheUsualRecordIsReadLikeAnyOther(t *testing.T) {
	c := newCodec(t)
	for _, inTable := range []bool{false, true} {
		usual := appendNode(nil, &tableRows(2)[1])
		if !inTable {
			m := gossip(300)[299]
			usual = appendAlive(nil, &m)[1:]
		}
		var n node
		if rest, ok := n.parseUsual(usual, inTable); !ok || len(rest) != 0 {
			t.Fatalf("% x is not usual", usual)
		}
		if n, isMember := measureUsual(usual); inTable && (n != len(usual) || !isMember) {
			t.Fatalf("% x is not usual", usual)
		}
		check := func(b []byte) {
			t.Helper()
			if !inTable {
				checkMessage(t, c, append([]byte{typeAlive}, b...))
				return
			}
			if size, isMember := measureUsual(b); size > 0 {
				var n node
				r := reader{b: b}
				if n.parseAny(&r); r.fault != "" || len(b)-len(r.b) != size || n.isMember() != isMember {
					t.Fatalf("% x\n has %d bytes, is that of a member: %v\n but %+v, %s, %d are left", b, size, isMember, n, r.fault, len(r.b))
				}
			}
			var short, long node
			rest, ok := short.parseUsual(b, true)
			if !ok {
				return
			}
			r := reader{b: b}
			long.parseAny(&r)
			if r.fault != "" || !bytes.Equal(r.b, rest) || !reflect.DeepEqual(short, long) {
				t.Fatalf("% x\n short %+v\n  long %+v, %s", b, short, long, r.fault)
			}
		}
		for i := range usual {
			check(usual[:i])
			for v := range 256 {
				b := bytes.Clone(usual)
				b[i] = byte(v)
				if check(b); inTable {
					check(append(b, "behind"...))
				}
			}
		}
	}
}
