package seal

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// What a packet costs in either direction: of 60 bytes, a probe, and of 1,300, a full
// round of gossip; as it is, encrypted, and in v1 compressed.
func BenchmarkPackets(b *testing.B) {
	for _, name := range []string{"v1", "v2"} {
		for _, c := range []struct {
			what string
			cfg  Config
		}{
			{"plain", Config{NoCompression: true}},
			{"encrypted", Config{NoCompression: true, Keyring: ringOf(b, Required, 1)}},
			{"compressed", Config{}},
			{"compressed,encrypted", Config{Keyring: ringOf(b, Required, 1)}},
		} {
			if name == "v2" && !c.cfg.NoCompression {
				continue
			}
			for _, size := range []int{60, 1300} {
				l := layerOf(b, versions()[name], c.cfg)
				message := messageOf(name, size)
				b.Run(fmt.Sprintf("%s/%s/bytes=%d/seal", name, c.what, size), func(b *testing.B) {
					var buf Buffers
					b.ReportAllocs()
					for b.Loop() {
						l.Seal(&buf, message, true)
					}
				})
				b.Run(fmt.Sprintf("%s/%s/bytes=%d/open", name, c.what, size), func(b *testing.B) {
					var buf, in Buffers
					packet := l.Seal(&buf, message, true)
					b.ReportAllocs()
					for b.Loop() {
						if _, drop := l.Open(&in, packet); drop != swim.DropNone {
							b.Fatal(drop)
						}
					}
				})
			}
		}
	}
}

// What it costs to find the key by trying, while keys are rotated: the key that fits is
// the first, second or third.
func BenchmarkOpenByPlaceOfTheKey(b *testing.B) {
	for place := range 3 {
		b.Run(fmt.Sprintf("place=%d", place+1), func(b *testing.B) {
			fills := []byte{2, 3, 4}
			fills[place] = 1
			sender := layerOf(b, V2, Config{Keyring: ringOf(b, Required, 1)})
			receiver := layerOf(b, V2, Config{Keyring: ringOf(b, Required, fills...)})
			var out, in Buffers
			packet := sender.Seal(&out, messageOf("v2", 60), false)
			b.ReportAllocs()
			for b.Loop() {
				if _, drop := receiver.Open(&in, packet); drop != swim.DropNone {
					b.Fatal(drop)
				}
			}
		})
	}
}

// What compression would save of v2, with memberlist's LZW: of a probe, which is most of
// the traffic, of a packet full of claims, and of a push-pull of a thousand members.
func BenchmarkCompressionOfV2(b *testing.B) {
	codec, err := wirev2.New("shoal", "v2")
	if err != nil {
		b.Fatal(err)
	}
	chance := rand.New(rand.NewPCG(1, 2))
	stamp := func() swim.Stamp {
		return swim.Stamp{Life: swim.Life{Generation: 1, Boot: 1767225600000 + swim.Boot(chance.IntN(1e9))}, Incarnation: 1}
	}
	name := func(i int) string { return fmt.Sprintf("node-%04d", i) }
	addr := func(i int) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 9002)
	}
	probe := codec.AppendMessage(codec.BeginPacket(nil), &swim.Message{
		Kind: swim.KindPing, Seq: 70000, Name: []byte(name(7)), Seen: swim.PrintsGiven,
		Prints: swim.Prints{Members: chance.Uint64(), State: chance.Uint64()},
	})
	gossip := codec.BeginPacket(nil)
	for i := range 30 {
		gossip = codec.AppendMessage(gossip, &swim.Message{Kind: swim.KindAlive, Name: []byte(name(i)), Stamp: stamp(), Addr: addr(i)})
	}
	frame := &swim.Frame{Kind: swim.FrameDelta, Self: swim.Claim{Name: name(0), Stamp: stamp(), Addr: addr(0)}}
	for i := range 1000 {
		frame.Claims = append(frame.Claims, swim.Claim{Name: name(i), Stamp: stamp(), Addr: addr(i)})
	}
	for _, c := range []struct {
		what    string
		message []byte
	}{{"probe", probe}, {"gossip", gossip}, {"push-pull", codec.AppendFrame(nil, frame)}} {
		b.Run(c.what, func(b *testing.B) {
			var out []byte
			for b.Loop() {
				out = wirev1.AppendCompressed(out[:0], c.message)
			}
			b.ReportMetric(float64(len(c.message)), "bytes")
			b.ReportMetric(float64(len(out)), "compressed-bytes")
		})
	}
}

// The most that a packet of a stranger can cost where nothing is encrypted: 64 KiB of
// LZW that would expand without end.
func BenchmarkBomb(b *testing.B) {
	bomb := compressed(make([]byte, 80<<20))
	b.Logf("80 MiB of zeros take %d bytes", len(bomb))
	l := layerOf(b, V1, Config{})
	var in Buffers
	b.ReportAllocs()
	for b.Loop() {
		if _, drop := l.Open(&in, bomb); drop != swim.DropCompression {
			b.Fatal(drop)
		}
	}
}
