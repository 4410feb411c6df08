package seal

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nekton-go/nekton/transport"
)

// TestMain fails the package when a test leaves a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds what a test waits for.
const patience = 30 * time.Second

// keyOf is a key of n bytes, another one for each fill.
func keyOf(fill byte, n int) []byte { return bytes.Repeat([]byte{fill}, n) }

// ringOf is a keyring with keys of 16 bytes, the primary first.
func ringOf(t testing.TB, p Policy, fills ...byte) *Keyring {
	t.Helper()
	k, err := NewKeyring(keyOf(fills[0], 16))
	if err != nil {
		t.Fatal(err)
	}
	for _, fill := range fills[1:] {
		if err := k.AddKey(keyOf(fill, 16)); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.SetPolicy(p); err != nil {
		t.Fatal(err)
	}
	return k
}

// layerOf makes a layer of a version.
func layerOf(t testing.TB, make func(Config) (Layer, error), cfg Config) Layer {
	t.Helper()
	l, err := make(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// versions are both.
func versions() map[string]func(Config) (Layer, error) {
	return map[string]func(Config) (Layer, error){"v1": V1, "v2": V2}
}

// messageOf is a message that the layers of a version take, and no codec: a ping of v1
// with a body that is repetitive, or a packet of v2.
func messageOf(version string, n int) []byte {
	m := bytes.Repeat([]byte("reef "), n/5+1)[:n]
	if m[0] = 0; version == "v2" {
		m[0] = v2Packet
	}
	return m
}

// connected is a stream in memory, both ends.
func connected(t testing.TB) (dialled, accepted net.Conn) {
	t.Helper()
	network := transport.NewNetwork()
	a, err := network.Listen("10.0.0.1:1000")
	if err != nil {
		t.Fatal(err)
	}
	b, err := network.Listen("10.0.0.2:1000")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(func() { cancel(); _ = a.Close(); _ = b.Close() })
	if dialled, err = a.Dial(ctx, netip.MustParseAddrPort("10.0.0.2:1000")); err != nil {
		t.Fatal(err)
	}
	if accepted, err = b.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dialled.Close(); _ = accepted.Close() })
	deadline := time.Now().Add(patience)
	_ = dialled.SetDeadline(deadline)
	_ = accepted.SetDeadline(deadline)
	return dialled, accepted
}

// A recording is a connection that reads given bytes and keeps what is written.
type recording struct {
	net.Conn
	in  io.Reader
	out bytes.Buffer
}

func (r *recording) Read(b []byte) (int, error)  { return r.in.Read(b) }
func (r *recording) Write(b []byte) (int, error) { return r.out.Write(b) }
func (r *recording) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort("10.0.0.9:9"))
}

func playing(b []byte) *recording { return &recording{in: bytes.NewReader(b)} }

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
