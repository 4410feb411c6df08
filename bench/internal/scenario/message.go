package scenario

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/bench/internal/side"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/swim/wirev2"
	"github.com/nekton-go/nekton/transport/seal"
)

// perPacket is how many members one packet of gossip tells of.
const perPacket = 20

// boot is when members began that do not exist: like every real one, some time after
// 2000, when the clocks of bubbles begin.
func boot() time.Time { return time.Date(2000, 1, 1, 0, 0, 1, 0, time.UTC) }

// secret is the key of encrypted scenarios: AES-128, which is the fastest.
func secret() []byte { return []byte("sixteen bytes it") }

// A writer makes packets as a peer would send them to one side. What it makes for
// memberlist's wire is, byte for byte, what memberlist makes uncompressed.
type writer struct {
	codec swim.Codec
	layer seal.Layer // nil: in clear
	v1    bool
}

// newWriter makes the writer of a side, which encrypts if there is a key.
func newWriter(k side.Kind, from netip.AddrPort, key []byte) (*writer, error) {
	w := &writer{v1: k.V1()}
	var err error
	if w.v1 {
		w.codec, err = wirev1.New(wirev1.Config{Name: "feeder", Addr: from})
	} else {
		w.codec, err = wirev2.New(side.Cluster, k.Version())
	}
	if err != nil || key == nil {
		return w, err
	}
	ring, err := seal.NewKeyring(key)
	if err != nil {
		return nil, err
	}
	make := seal.V2
	if w.v1 {
		make = seal.V1
	}
	w.layer, err = make(seal.Config{Keyring: ring, NoCompression: true})
	return w, err
}

// name is the name of a node on the wire.
func (w *writer) name(id string) []byte {
	if w.v1 {
		return []byte(id + "v1")
	}
	return []byte(id)
}

func (w *writer) packet(messages ...swim.Message) []byte {
	b := w.codec.BeginPacket(nil)
	var parts []int
	for i := range messages {
		parts = append(parts, len(b))
		b = w.codec.AppendMessage(b, &messages[i])
	}
	b = w.codec.FinishPacket(b, 0, parts)
	if w.layer == nil {
		return b
	}
	return slices.Clone(w.layer.Seal(new(seal.Buffers), b, false))
}

// ping is one for a node, with what rides on it.
func (w *writer) ping(id string, riders ...swim.Message) []byte {
	return w.packet(append([]swim.Message{{Kind: swim.KindPing, Seq: 7, Name: w.name(id)}}, riders...)...)
}

// alive claims that member i is alive with some metadata.
func (w *writer) alive(i, incarnation int, meta []byte) swim.Message {
	m := swim.Message{
		Kind: swim.KindAlive, Name: w.name(id(i)), Addr: address(i), Meta: meta,
		Stamp: swim.Stamp{Incarnation: swim.Incarnation(incarnation)},
	}
	if w.v1 {
		m.Versions = swim.MemberlistVersions()
	} else {
		m.Stamp.Life = swim.Life{Generation: 1, Boot: swim.Boot(boot().UnixMilli())}
	}
	return m
}

// gossip are packets about the members from first to before last.
func (w *writer) gossip(first, last, incarnation int, meta func(i int) []byte) [][]byte {
	var packets [][]byte
	for i := first; i < last; i += perPacket {
		var messages []swim.Message
		for j := i; j < min(i+perPacket, last); j++ {
			messages = append(messages, w.alive(j, incarnation, meta(j)))
		}
		packets = append(packets, w.packet(messages...))
	}
	return packets
}

// none is the metadata of a member that has none.
func none(int) []byte { return nil }

// some is 32 bytes that do not compress.
func some(i int) []byte {
	b := make([]byte, 32)
	x := uint64(i)*0x9e3779b97f4a7c15 + 1
	for j := range b {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		b[j] = byte(x >> 32)
	}
	return b
}

func describe(n int) string { return fmt.Sprintf("%d members", n) }
