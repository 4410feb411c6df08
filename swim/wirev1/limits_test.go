package wirev1

import (
	"bufio"
	"bytes"
	"errors"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// What comes from memberlist is within its limits, so ours are not below: each is taken
// at its edge, and a byte or member more is not.
func TestTheLimitsOfStreamsAreThoseOfMemberlist(t *testing.T) {
	c := newCodec(t)
	nils := bytes.Repeat([]byte{0xc0}, 1<<20)      // records, with nothing in them
	bytes20 := bytes.Repeat([]byte{'x'}, 20<<20+1) // of state, or of a message
	for name, tc := range map[string]struct {
		head string
		body []byte
		ok   bool
	}{
		"1,048,576 members":     {"06 93 ce00100000 00 c2", nils, true},
		"1,048,577 members":     {"06 93 ce00100001 00 c2", append(nils, 0xc0), false},
		"20 MiB of state":       {"06 93 00 ce01400000 c2", bytes20[:20<<20], true},
		"a byte more of state":  {"06 93 00 ce01400001 c2", bytes20, false},
		"a message of 20 MiB":   {"08 91 ce01400000", bytes20[:20<<20], true},
		"a message, and a byte": {"08 91 ce01400001", bytes20, false},
	} {
		b := append(unhex(tc.head), tc.body...)
		read, readErr := ReadMessage(nil, bufio.NewReader(bytes.NewReader(b)), 0)
		if readErr == nil != tc.ok || tc.ok && !bytes.Equal(read, b) {
			t.Errorf("%s: read %d bytes of %d, %v", name, len(read), len(b), readErr)
		}
		if _, err := c.ParseFrame(b); err == nil != tc.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestACompressedMessageMayExpandTo40MiB(t *testing.T) {
	text := make([]byte, MaxMessageLen+1)
	for _, tc := range []struct {
		n  int
		ok bool
	}{{MaxMessageLen, true}, {MaxMessageLen + 1, false}} {
		b, err := AppendDecompressed(nil, AppendCompressed(nil, text[:tc.n]), MaxMessageLen)
		if tc.ok != (err == nil) || tc.ok && len(b) != tc.n || !tc.ok && !errors.Is(err, swim.ErrMalformed) {
			t.Errorf("%d bytes: %d, %v", tc.n, len(b), err)
		}
	}
}

func TestAPacketMayHaveAllThatADatagramHolds(t *testing.T) {
	c := newCodec(t)
	b := append([]byte{typeUser}, make([]byte, swim.MaxPacketLen-1)...)
	messages, drop := c.OpenPacket(b)
	var m swim.Message
	if _, ok := c.NextMessage(messages, &m); !ok || drop != swim.DropNone || len(m.Body) != swim.MaxPacketLen-1 {
		t.Errorf("%v, %d bytes", drop, len(m.Body))
	}
	if m, err := AppendPacketDecompressed(nil, AppendCompressed(nil, b), MaxExpanded); err != nil || !bytes.Equal(m, b) {
		t.Errorf("%d bytes when compressed, %v", len(m), err)
	}
}
