package seal

import (
	"bytes"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/transport"
)

// configOf is a configuration that the fuzzer chooses.
func configOf(choice byte) Config {
	cfg := Config{SkipInboundLabelCheck: choice&8 != 0}
	if choice&1 != 0 {
		cfg.Keyring, _ = NewKeyring(keyOf(1, 16), keyOf(2, 32))
		_ = cfg.Keyring.SetPolicy(Policy(choice >> 4 & 3))
	}
	if choice&2 != 0 {
		cfg.Label = "pod"
	}
	cfg.NoCompression = choice&4 != 0
	return cfg
}

// FuzzPackets: whatever arrives, a layer does not panic, does not change it, and yields
// no more than a packet may hold; and what it yields can be sealed and opened again.
func FuzzPackets(f *testing.F) {
	for choice := range byte(8) {
		for name, version := range versions() {
			var b Buffers
			l := layerOf(f, version, configOf(choice))
			f.Add(choice, name == "v2", l.Seal(&b, messageOf(name, 50), true))
		}
	}
	f.Add(byte(0), false, compressed(compressed(make([]byte, 100000))))
	f.Fuzz(func(t *testing.T, choice byte, v2 bool, packet []byte) {
		name := "v1"
		if v2 {
			name = "v2"
		}
		l := layerOf(t, versions()[name], configOf(choice))
		var in, out Buffers
		before := bytes.Clone(packet)
		message, drop := l.Open(&in, packet)
		if !bytes.Equal(packet, before) {
			t.Fatal("the packet was changed")
		}
		if drop != swim.DropNone {
			if message != nil {
				t.Fatalf("dropped %v, with a message", drop)
			}
			return
		}
		if len(message) > max(len(packet), wirev1.MaxExpanded) {
			t.Fatalf("%d bytes have become %d", len(packet), len(message))
		}
		if len(message) == 0 || VersionOf(message[0]) != name || len(message) > swim.MaxPacketLen ||
			message[0] == v2Sealed || message[0] == v2Label || message[0] == v1Label || message[0] == v1Checksum || message[0] == v1Compress {
			return // it is no message, which the codec says
		}
		if choice&8 != 0 {
			return // what we send is labelled, what we take is not
		}
		message = bytes.Clone(message)
		packet = l.Seal(&out, message, true)
		if len(packet) > len(message)+l.Overhead() {
			t.Fatalf("%d bytes were sealed as %d, with an overhead of %d", len(message), len(packet), l.Overhead())
		}
		again, drop := l.Open(&in, packet)
		if sent := l.(interface{ encrypts() bool }).encrypts(); drop == swim.DropNone && !bytes.Equal(again, message) || drop != swim.DropNone && sent {
			t.Fatalf("sealed and opened again, %x is %x, %v", message, again, drop)
		}
	})
}

func (l *v1) encrypts() bool { return l.keyring.load().encrypts() }
func (l *v2) encrypts() bool { return l.keyring.load().encrypts() }

// FuzzStreams: whatever arrives, a framing does not panic, and yields no more than its
// limits.
func FuzzStreams(f *testing.F) {
	limits := transport.Limits{Frame: 1 << 16, Stream: 1 << 17}
	for choice := range byte(8) {
		for name, version := range versions() {
			conn := playing(nil)
			if err := layerOf(f, version, configOf(choice)).Stream(new(Buffers), conn, limits, true).Write(pushPullV1(20)); err != nil {
				f.Fatal(err)
			}
			f.Add(choice, name == "v2", false, conn.out.Bytes())
		}
	}
	f.Fuzz(func(t *testing.T, choice byte, v2, dialled bool, in []byte) {
		version := V1
		if v2 {
			version = V2
		}
		s := layerOf(t, version, configOf(choice)).Stream(new(Buffers), playing(in), limits, dialled)
		if dialled {
			if err := s.Write(pushPullV1(20)); err != nil {
				t.Fatal(err)
			}
		}
		for {
			message, err := s.Next()
			if err != nil {
				return
			}
			if len(message) > 1<<17 {
				t.Fatalf("%d bytes have become %d", len(in), len(message))
			}
		}
	})
}
