package mpack

import "testing"

func TestALengthIsReadFromAWholeHead(t *testing.T) {
	b := []byte{Array32, 1, 2, 3, 4}
	for head, want := range map[int]uint32{2: 1, 3: 0x0102, 5: 0x01020304} {
		if n, ok := Length(b, head); n != want || !ok {
			t.Errorf("a head of %d bytes has %#x, %v, want %#x", head, n, ok, want)
		}
		if n, ok := Length(b[:head-1], head); n != 0 || ok {
			t.Errorf("%d of %d bytes have %#x, %v", head-1, head, n, ok)
		}
	}
}
