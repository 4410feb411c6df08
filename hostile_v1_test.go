package nekton

import (
	"bytes"
	"context"
	"net"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// An attack is what a peer on memberlist's wire sends that is not to be taken in.
type attack struct {
	what  string
	bytes []byte
	// drop is the reason that is counted, once; none where the stream just fails.
	drop swim.Drop
	// sealed by this configuration; nil: sent as it is.
	sealed *seal.Config
	// passed: a table with one record that is left out; the stream has not failed.
	passed bool
}

// stranger is a member that there is not, in the words of a codec.
func stranger(t *testing.T) swim.Claim {
	t.Helper()
	meta, err := gobwire.EncodeMeta(gobwire.Meta{NodeMetaInfo: types.NodeMetaInfo{ClusterId: "c", GossipVersion: "v1", Id: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	return swim.Claim{
		State: swim.Alive, Name: "xv1", Addr: netip.MustParseAddrPort("10.0.0.9:7000"), Stamp: swim.Stamp{Incarnation: 1},
		Meta: meta, Versions: swim.MemberlistVersions(),
	}
}

// aliveOf is the message that tells a claim.
func aliveOf(t *testing.T, c swim.Claim) []byte {
	t.Helper()
	return codecOf(t).AppendMessage(nil, &swim.Message{
		Kind: swim.KindAlive, Name: []byte(c.Name), Addr: c.Addr, Stamp: c.Stamp, Versions: c.Versions, Meta: c.Meta,
	})
}

// tableOf is the push-pull of a joiner that tells a claim.
func tableOf(t *testing.T, c swim.Claim) []byte {
	t.Helper()
	row := swim.TableRow{State: c.State, Name: []byte(c.Name), Addr: c.Addr, Stamp: c.Stamp, Meta: c.Meta, Versions: c.Versions}
	return codecOf(t).AppendFrame(nil, &swim.Frame{Kind: swim.FrameTable, Join: true, Table: swim.Table{
		Len: 1, Rows: func(yield func(*swim.TableRow) bool) { yield(&row) },
	}})
}

func codecOf(t *testing.T) *wirev1.Codec {
	t.Helper()
	codec, err := wirev1.New(wirev1.Config{Name: "xv1"})
	if err != nil {
		t.Fatal(err)
	}
	return codec
}

// attacks are packets, then streams, of which each would list a stranger if the
// receiver were careless.
func attacks(t *testing.T) (packets, streams []attack) {
	t.Helper()
	alive := func(change func(*swim.Claim)) []byte {
		c := stranger(t)
		change(&c)
		return aliveOf(t, c)
	}
	table := func(change func(*swim.Claim)) []byte {
		c := stranger(t)
		change(&c)
		return tableOf(t, c)
	}
	as := func(*swim.Claim) {}
	nested := func(b []byte, times int) []byte { // compounds of one
		for range times {
			b = append([]byte{7, 1, byte(len(b) >> 8), byte(len(b))}, b...)
		}
		return b
	}
	bomb := wirev1.AppendCompressed(nil, append(alive(as), make([]byte, 41<<20)...)) // beyond memberlist's own bound
	flip := func(b []byte) []byte {
		b = bytes.Clone(b)
		b[len(b)-1] ^= 1
		return b
	}
	future, none := swim.Versions{6, 9, 7, 0, 0, 0}, swim.Versions{}
	longName := func(c *swim.Claim) { c.Name = strings.Repeat("x", 256) }
	longMeta := func(c *swim.Claim) { c.Meta = make([]byte, 513) }

	packets = []attack{
		{what: "nothing", drop: swim.DropMalformed, bytes: []byte{}},
		{what: "a type that there is not", drop: swim.DropMalformed, bytes: append([]byte{77}, alive(as)...)},
		{what: "longer names than there are", drop: swim.DropMalformed, bytes: alive(longName)},
		{what: "longer metadata than there is", drop: swim.DropMalformed, bytes: alive(longMeta)},
		{what: "compounds in compounds", drop: swim.DropMalformed, bytes: nested(alive(as), 6)},
		{what: "a bomb", drop: swim.DropCompression, bytes: bomb},
		{what: "a bomb in a compound", drop: swim.DropMalformed, bytes: nested(bomb, 1)},
		{what: "compression that is cut", drop: swim.DropCompression, bytes: wirev1.AppendCompressed(nil, alive(as))[:40]},
		{what: "versions of the future", drop: swim.DropProtocol, bytes: alive(func(c *swim.Claim) { c.Versions = future })},
		{what: "no versions", drop: swim.DropProtocol, bytes: alive(func(c *swim.Claim) { c.Versions = none })},
		{what: "a checksum that is wrong", drop: swim.DropChecksum, bytes: append([]byte{12, 1, 2, 3, 4}, alive(as)...)},
	}
	for _, n := range []int{1, 2, 10, len(alive(as)) / 2, len(alive(as)) - 1} {
		packets = append(packets, attack{what: "a message that is cut", drop: swim.DropMalformed, bytes: alive(as)[:n]})
	}

	whole := table(as)
	streams = []attack{
		{what: "an alive message, which is for packets", bytes: alive(as)},
		{what: "a longer name than there is", passed: true, drop: swim.DropMalformed, bytes: table(longName)},
		{what: "longer metadata than there is", passed: true, drop: swim.DropMalformed, bytes: table(longMeta)},
		{what: "more state than there may be", bytes: bytes.Replace(whole, []byte("UserStateLen\x00"), []byte("UserStateLen\xd2\x7f\xff\xff\xff"), 1)},
		{what: "more members than there may be", bytes: bytes.Replace(whole, []byte("Nodes\x01"), []byte("Nodes\xd2\x7f\xff\xff\xff"), 1)},
		{what: "encrypted, and longer than memory", drop: swim.DropKey, bytes: append([]byte{10, 0xff, 0xff, 0xff, 0xff}, whole...)},
		{what: "a compound", bytes: nested(whole, 1)},
		{what: "compressed, and compressed again", drop: swim.DropMalformed, bytes: wirev1.AppendCompressed(nil, wirev1.AppendCompressed(nil, whole))},
		{what: "a bomb", drop: swim.DropCompression, bytes: bomb},
		{what: "compression that is damaged", drop: swim.DropCompression, bytes: flip(wirev1.AppendCompressed(nil, whole))},
		{what: "a member with versions of the future", drop: swim.DropProtocol, bytes: table(func(c *swim.Claim) { c.Versions = future })},
		{what: "another protocol", bytes: []byte("GET / HTTP/1.1\r\n\r\n")},
	}
	for _, n := range []int{1, 2, 10, len(whole) / 2, len(whole) - 1} {
		streams = append(streams, attack{what: "a table that is cut", bytes: whole[:n]})
	}
	return packets, streams
}

// outsiders are messages without a fault, in layers that are not those of a cluster
// with a key and a label.
func outsiders(t *testing.T) (packets, streams []attack) {
	t.Helper()
	alive, table := aliveOf(t, stranger(t)), tableOf(t, stranger(t))
	for _, o := range []attack{
		{what: "another key", drop: swim.DropKey, sealed: &seal.Config{Label: "reef", Keyring: keyring(t, seal.Required, 2)}},
		{what: "no key", drop: swim.DropUnauthenticated, sealed: &seal.Config{Label: "reef"}},
		{what: "another label", drop: swim.DropLabel, sealed: &seal.Config{Label: "pod", Keyring: keyring(t, seal.Required, 1)}},
		{what: "no label", drop: swim.DropLabel, sealed: &seal.Config{Keyring: keyring(t, seal.Required, 1)}},
		{what: "neither", drop: swim.DropLabel, sealed: &seal.Config{}},
	} {
		o.bytes = alive
		packets = append(packets, o)
		o.bytes = table
		streams = append(streams, o)
	}
	return packets, streams
}

// Whatever a peer sends that is cut, too long, nested, packed to burst, sealed with
// another key, of another label, or of a protocol that there is not: it is counted with
// its reason, once, by packet as by stream, and changes nothing.
func TestAHostilePeerOnMemberlistsWireChangesNothingAndIsCounted(t *testing.T) {
	for name, c := range map[string]struct {
		opts  []Option
		sends func(*testing.T) (packets, streams []attack)
		// joiner is the configuration of who belongs to it.
		joiner *seal.Config
	}{
		"in clear": {[]Option{WithForeignMembers()}, attacks, nil},
		"with a key and a label": {
			[]Option{WithLabel("reef"), WithKeyring(keyring(t, seal.Required, 1))}, outsiders,
			&seal.Config{Label: "reef", Keyring: keyring(t, seal.Required, 1)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := transport.NewNetwork()
				opts := append([]Option{over(network)}, c.opts...)
				a := NewNode("10.0.0.1:7000", "a", 1, sane(), "v1", "c", "", opts...)
				b := NewNode("10.0.0.2:7000", "b", 1, sane(), "v1", "c", "", opts...)
				defer stopVirtual(t, []*Node{a, b})
				if err := a.Start(types.GossipStartConfiguration{}); err != nil {
					t.Fatal(err)
				}
				if err := b.Start(seedList("10.0.0.1:7000")); err != nil {
					t.Fatal(err)
				}
				list(a, b)
				time.Sleep(time.Minute)
				peer, err := network.Listen("10.0.0.9:7000")
				if err != nil {
					t.Fatal(err)
				}
				defer peer.Close()
				before, members := a.Stats().Protocol, rows(a)
				packets, streams := c.sends(t)
				for _, p := range packets {
					expect(t, a, "packet: "+p.what, p.drop, 0, func() { sendPacket(t, peer, p) })
				}
				for _, s := range streams {
					failed := uint64(1)
					if s.passed {
						failed = 0
					}
					expect(t, a, "stream: "+s.what, s.drop, failed, func() { sendStream(t, peer, s) })
				}
				a.UpdateSelf("k", "v")
				time.Sleep(2 * sane().PushPullInterval)
				if v, err := Value[string](b, "a", "k"); v != "v" {
					t.Errorf("b has %q, %v", v, err)
				}
				after := a.Stats().Protocol
				if !reflect.DeepEqual(rows(a), members) || after.Suspicions != before.Suspicions || after.Refutations != before.Refutations {
					t.Errorf("a held %v, and holds %v", members, rows(a))
				}
				// What is not hostile does all that was feared.
				sendStream(t, peer, attack{what: "a joiner", bytes: tableOf(t, stranger(t)), sealed: c.joiner})
				if time.Sleep(time.Second); len(a.Members()) != 3 {
					t.Errorf("beside a joiner, a holds %v", rows(a))
				}
			})
		})
	}
}

// expect sends something and compares what is counted with what has to be: one drop of
// that reason, and no other, and as many streams that failed.
func expect(t *testing.T, n *Node, what string, drop swim.Drop, failed uint64, send func()) {
	t.Helper()
	before := n.Stats()
	send()
	time.Sleep(time.Second)
	after := n.Stats()
	for reason := range after.Protocol.Drops {
		want := uint64(0)
		if swim.Drop(reason) == drop && drop != swim.DropNone {
			want = 1
		}
		if got := after.Protocol.Drops[reason] - before.Protocol.Drops[reason]; got != want {
			t.Errorf("%s: %d drops for %v, want %d", what, got, swim.Drop(reason), want)
		}
	}
	if got := after.Streams.Incoming.Failed - before.Streams.Incoming.Failed; got != failed {
		t.Errorf("%s: %d streams have failed, want %d", what, got, failed)
	}
}

// rows are the members that a node holds, without what time does to them.
func rows(n *Node) (held []Member) {
	for _, m := range n.Members() {
		held = append(held, Member{Node: m.Node, Addr: m.Addr, State: m.State, Incarnation: m.Incarnation})
	}
	slices.SortFunc(held, func(a, b Member) int { return strings.Compare(string(a.Node), string(b.Node)) })
	return held
}

func (a attack) layer(t *testing.T) seal.Layer {
	t.Helper()
	l, err := seal.V1(*a.sealed)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func sendPacket(t *testing.T, from transport.Transport, a attack) {
	t.Helper()
	b := a.bytes
	if a.sealed != nil {
		b = a.layer(t).Seal(new(seal.Buffers), b, true)
	}
	if err := from.WritePacket(b, netip.MustParseAddrPort("10.0.0.1:7000")); err != nil {
		t.Errorf("%s: %v", a.what, err)
	}
}

// sendStream says all at once, and ends the stream a little later.
func sendStream(t *testing.T, from transport.Transport, a attack) {
	t.Helper()
	conn, err := from.Dial(context.Background(), netip.MustParseAddrPort("10.0.0.1:7000"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if a.sealed != nil {
		err = a.layer(t).Stream(new(seal.Buffers), conn, transport.Limits{}, true).Write(a.bytes)
	} else {
		err = writeAll(conn, a.bytes)
	}
	if err != nil {
		t.Errorf("%s: %v", a.what, err)
	}
	time.Sleep(100 * time.Millisecond)
}

// writeAll writes what the other side may stop reading at any time.
func writeAll(conn net.Conn, b []byte) error {
	if err := conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		return err
	}
	_, _ = conn.Write(b)
	return nil
}
