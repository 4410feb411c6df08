package wirev2

import (
	"bytes"
	"errors"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestNewRefusesIDsBeyondTheLimitAndNamesThem(t *testing.T) {
	fits := strings.Repeat("x", swim.MaxClusterLen)
	if _, err := New(fits, fits); err != nil {
		t.Errorf("ids of the longest length: %v", err)
	}
	if _, err := New("", ""); err != nil {
		t.Errorf("empty ids: %v", err)
	}
	_, err := New(fits+"x", fits+"yz")
	if err == nil || !strings.Contains(err.Error(), "cluster id has 256 bytes, limit 255") ||
		!strings.Contains(err.Error(), "gossip version has 257 bytes, limit 255") {
		t.Errorf("error %v does not name both", err)
	}
}

func TestTheHashTellsClustersAndVersionsApart(t *testing.T) {
	seen := map[uint32]string{}
	for _, ids := range [][2]string{
		{"", ""}, {"shoal", "v2"}, {"shoal", "v3"}, {"pod", "v2"}, {"v2", "shoal"},
		{"shoalv2", ""}, {"", "shoalv2"}, {"v", "2shoal"}, {"l", "v2shoa"},
	} {
		h := clusterHash(ids[0], ids[1])
		if other, ok := seen[h]; ok {
			t.Errorf("%q has the hash of %s", ids, other)
		}
		seen[h] = strings.Join(ids[:], "/")
	}
	if h := clusterHash("shoal", "v2"); h != 0x4554d292 {
		t.Errorf("the hash of the specification's example is %#x", h)
	}
}

func TestOpenPacketSaysWhyAPacketIsNotForUs(t *testing.T) {
	c := newCodec(t)
	ours := packetOf(c, goldenMessages["ack-same"])
	other, err := New("pod", "v2")
	if err != nil {
		t.Fatal(err)
	}
	otherVersion, err := New("shoal", "v3")
	if err != nil {
		t.Fatal(err)
	}
	huge := append(c.BeginPacket(nil), make([]byte, swim.MaxPacketLen)...)
	tests := []struct {
		name   string
		packet []byte
		want   swim.Drop
	}{
		{"ours", ours, swim.DropNone},
		{"the longest there is", huge[:swim.MaxPacketLen], swim.DropNone},
		{"longer than a datagram", huge, swim.DropTooLarge},
		{"another cluster's", packetOf(other, goldenMessages["ack-same"]), swim.DropCluster},
		{"another gossip version's", packetOf(otherVersion, goldenMessages["ack-same"]), swim.DropCluster},
		{"empty", nil, swim.DropMalformed},
		{"half a header", ours[:3], swim.DropMalformed},
		{"a header alone", ours[:headerLen], swim.DropMalformed},
		{"a message alone", ours[headerLen:], swim.DropMalformed},
		{"text", []byte("GET / HTTP/1.1"), swim.DropMalformed},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			messages, drop := c.OpenPacket(tc.packet)
			if drop != tc.want {
				t.Fatalf("got %v, want %v", drop, tc.want)
			}
			if drop == swim.DropNone && !bytes.Equal(messages.Bytes, tc.packet[headerLen:]) {
				t.Fatalf("messages % x", messages.Bytes)
			}
		})
	}
	for first := range 256 {
		want := swim.DropMalformed
		switch {
		case first <= 13 || first == 244:
			want = swim.DropVersion
		case first == 0xce:
			want = swim.DropCluster
		}
		if _, drop := c.OpenPacket([]byte{byte(first), 1, 2, 3, 4, 5, 6}); drop != want {
			t.Errorf("first byte %#x: got %v, want %v", first, drop, want)
		}
	}
}

func TestTheOverheadIsWhatPacketsHave(t *testing.T) {
	c := newCodec(t)
	m := goldenMessages["ping"]
	alone := len(c.AppendMessage(nil, &m))
	if got, want := len(packetOf(c, m)), c.PacketOverhead()+alone+c.MessageOverhead(); got != want {
		t.Errorf("a packet of one message has %d bytes, want %d", got, want)
	}
	if got, want := len(packetOf(c, m, m)), c.PacketOverhead()+2*(alone+c.MessageOverhead()); got != want {
		t.Errorf("a packet of two messages has %d bytes, want %d", got, want)
	}
	if carries := c.Carries(); !carries.Prints || !carries.Lives || !carries.Rumours || !carries.LeaveAcks {
		t.Error("prints and lives are carried")
	}
}

func TestAPingAndItsAckAreAsShortAsThePackageSays(t *testing.T) {
	c := newCodec(t)
	ping, ack := goldenMessages["ping"], goldenMessages["ack-same"]
	for _, tc := range []struct {
		seq       swim.SeqNo
		ping, ack int
	}{
		{0, 35, 8}, {127, 35, 8}, {128, 36, 9}, {256, 37, 10}, {65535, 37, 10}, {65536, 39, 12}, {1<<32 - 1, 39, 12},
	} {
		ping.Seq, ack.Seq = tc.seq, tc.seq
		if p, a := len(packetOf(c, ping)), len(packetOf(c, ack)); p != tc.ping || a != tc.ack {
			t.Errorf("seq %d: %d and %d bytes, want %d and %d", tc.seq, p, a, tc.ping, tc.ack)
		}
	}
}

func TestRecordsAreAsShortAsTheSpecificationSays(t *testing.T) {
	row := swim.Row{Name: "seahorse", Stamp: goldenStamp}
	claim := swim.Claim{Name: "seahorse", Stamp: goldenStamp, Addr: goldenAddr4}
	if n := len(appendRow(nil, &row)); n != 21 {
		t.Errorf("a row takes %d bytes, want 21", n)
	}
	if n := len(appendClaim(nil, &claim)); n != 30 {
		t.Errorf("a claim takes %d bytes, want 30", n)
	}
	for name, tc := range map[string]struct {
		got  []byte
		want int
	}{
		"claim": {appendClaim(nil, &swim.Claim{Name: "a", Addr: goldenAddr4}), minClaimLen + 1}, // bin has a head of two
		"row":   {appendRow(nil, &swim.Row{Name: "a"}), minRowLen},
		"want":  {appendWant(nil, &swim.Want{Name: "a"}), minWantLen},
	} {
		if len(tc.got) != tc.want {
			t.Errorf("the shortest %s takes %d bytes, want %d", name, len(tc.got), tc.want)
		}
	}
}

// The kinds are on the wire: whoever inserts one in package swim changes what old
// members read.
func TestKindsHaveTheNumbersOfTheSpecification(t *testing.T) {
	for kind, number := range map[swim.Kind]uint8{
		swim.KindUnknown: 0, swim.KindPing: 1, swim.KindPingReq: 2, swim.KindAck: 3, swim.KindNack: 4,
		swim.KindAlive: 5, swim.KindSuspect: 6, swim.KindDead: 7, swim.KindRumour: 8, swim.KindLeaveAck: 9,
	} {
		if uint8(kind) != number {
			t.Errorf("%v is %d, want %d", kind, kind, number)
		}
	}
	for kind, number := range map[swim.FrameKind]uint8{
		swim.FrameOpen: 1, swim.FrameDigest: 2, swim.FrameDelta: 3, swim.FrameRefuse: 4, swim.FramePing: 5, swim.FrameAck: 6,
	} {
		if uint8(kind) != number {
			t.Errorf("frame kind %d, want %d", kind, number)
		}
	}
	for reason, number := range map[swim.RefusalReason]uint8{
		swim.RefusedCluster: 1, swim.RefusedVersion: 2, swim.RefusedGeneration: 3, swim.RefusedBoot: 4,
		swim.RefusedFull: 5, swim.RefusedName: 6,
	} {
		if uint8(reason) != number {
			t.Errorf("reason %v is %d, want %d", reason, reason, number)
		}
	}
	for state, number := range map[swim.State]uint8{swim.Alive: 0, swim.Suspect: 1, swim.Dead: 2, swim.Left: 3} {
		if uint8(state) != number {
			t.Errorf("state %v is %d, want %d", state, state, number)
		}
	}
}

func TestIntegersAndTextsAreReadInEveryForm(t *testing.T) {
	c := newCodec(t)
	for _, seq := range []string{
		"07", "cc07", "cd0007", "ce00000007", "cf0000000000000007",
		"d007", "d10007", "d200000007", "d30000000000000007",
	} {
		for _, name := range []string{"a161", "d90161", "da000161", "db0000000161", "c40161", "c5000161", "c60000000161"} {
			b := unhex("93 01" + seq + name)
			var m swim.Message
			if rest, ok := parseMessage(b, &m); !ok || len(rest) > 0 || m.Seq != 7 || string(m.Name) != "a" {
				t.Errorf("% x: ok %v, %+v", b, ok, m)
			}
			checkMessage(t, c, b)
		}
	}
	// The kind, too, and the count of a frame.
	for _, b := range [][]byte{unhex("dc0002 cd0006 07"), unhex("dd00000002 d306" + "07")} {
		checkFrame(t, c, b)
	}
	f, err := c.ParseFrame(unhex("dd00000002 d006 07"))
	if err != nil || f.Seq != 7 {
		t.Errorf("a frame with a wide count: %+v, %v", f, err)
	}
}

func TestAWaitIsRoundedUpAndCapped(t *testing.T) {
	c := newCodec(t)
	m := goldenMessages["ping-req"]
	for _, tc := range []struct{ wait, want time.Duration }{
		{0, 0},
		{-time.Second, 0},
		{1, time.Millisecond},
		{time.Millisecond, time.Millisecond},
		{1500 * time.Microsecond, 2 * time.Millisecond},
		{maxWait, maxWait},
		{maxWait + 1, maxWait},
		{1<<63 - 1, maxWait},
	} {
		m.Wait = tc.wait
		var got swim.Message
		if _, ok := parseMessage(c.AppendMessage(nil, &m), &got); !ok || got.Wait != tc.want {
			t.Errorf("%v is read as %v, want %v", tc.wait, got.Wait, tc.want)
		}
	}
	var got swim.Message
	b := unhex("96 02 07 a161" + addr + "c3 cfffffffffffffffff")
	if _, ok := parseMessage(b, &got); !ok || got.Wait != maxWait {
		t.Errorf("the longest wait on the wire is read as %v, want %v", got.Wait, maxWait)
	}
}

func TestAnAddressIsWrittenUnmappedAndWithoutZone(t *testing.T) {
	c := newCodec(t)
	for given, want := range map[string]string{
		"[::ffff:10.0.0.7]:9002": "10.0.0.7:9002",
		"[fe80::1%eth0]:9002":    "[fe80::1]:9002",
		"10.0.0.7:65535":         "10.0.0.7:65535",
	} {
		m := swim.Message{Kind: swim.KindAlive, Name: []byte("a"), Addr: netip.MustParseAddrPort(given)}
		var got swim.Message
		if _, ok := parseMessage(c.AppendMessage(nil, &m), &got); !ok || got.Addr != netip.MustParseAddrPort(want) {
			t.Errorf("%s is read as %v, want %s", given, got.Addr, want)
		}
	}
}

func TestWhatMustNotBeSentIsRefusedByWhoeverReceivesIt(t *testing.T) {
	c := newCodec(t)
	tooLong := bytes.Repeat([]byte("x"), swim.MaxNameLen+1)
	for name, m := range map[string]swim.Message{
		"an invalid address":  {Kind: swim.KindAlive, Name: []byte("a")},
		"a port of 0":         {Kind: swim.KindAlive, Name: []byte("a"), Addr: netip.MustParseAddrPort("10.0.0.7:0")},
		"no name":             {Kind: swim.KindAlive, Addr: goldenAddr4},
		"a name too long":     {Kind: swim.KindPing, Name: tooLong},
		"an accuser too long": {Kind: swim.KindSuspect, Name: []byte("a"), From: tooLong},
		"meta too long":       {Kind: swim.KindAlive, Name: []byte("a"), Addr: goldenAddr4, Meta: make([]byte, swim.MaxMetaLen+1)},
		"a rumour too long":   {Kind: swim.KindRumour, Body: make([]byte, swim.MaxPacketLen+1)},
	} {
		var got swim.Message
		if _, ok := parseMessage(c.AppendMessage(nil, &m), &got); ok {
			t.Errorf("%s is accepted as %+v", name, got)
		}
	}
	f := swim.Frame{Kind: swim.FrameDelta, Self: goldenSelf, Deltas: [][]byte{{}}}
	if _, err := c.ParseFrame(c.AppendFrame(nil, &f)); !errors.Is(err, swim.ErrMalformed) {
		t.Errorf("an empty delta: %v", err)
	}
}

func TestWhatTheWireHasNoKindForAppendsNothing(t *testing.T) {
	c := newCodec(t)
	for _, kind := range []swim.Kind{swim.KindUnknown, 10, 255} {
		if b := c.AppendMessage([]byte("x"), &swim.Message{Kind: kind}); string(b) != "x" {
			t.Errorf("message of kind %d appends % x", kind, b[1:])
		}
	}
	for _, kind := range []swim.FrameKind{0, 7, 255} {
		if b := c.AppendFrame([]byte("x"), &swim.Frame{Kind: kind}); string(b) != "x" {
			t.Errorf("frame of kind %d appends % x", kind, b[1:])
		}
	}
}

func TestAPingWithPrintsThatAreTheSameIsOneWithoutPrints(t *testing.T) {
	c := newCodec(t)
	m := goldenMessages["ping-absent"]
	want := c.AppendMessage(nil, &m)
	m.Seen, m.Prints = swim.PrintsSame, goldenPrint
	if b := c.AppendMessage(nil, &m); !bytes.Equal(b, want) {
		t.Errorf("written as % x, want % x", b, want)
	}
}

func TestARefusalForAReasonOfALaterVersionIsARefusal(t *testing.T) {
	c := newCodec(t)
	f, err := c.ParseFrame(unhex("95 04 ccc8 a0 a0 a0"))
	if err != nil || f.Refusal.Reason != 200 || f.Refusal.Reason.String() != "unknown" {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestTheLargestNumberOfBucketsFits(t *testing.T) {
	c := newCodec(t)
	f := swim.Frame{Kind: swim.FrameOpen, Self: goldenSelf, Buckets: make([]uint64, maxBuckets)}
	for i := range f.Buckets {
		f.Buckets[i] = uint64(i) << 50
	}
	got, err := c.ParseFrame(c.AppendFrame(nil, &f))
	if err != nil || !reflect.DeepEqual(*got, f) {
		t.Errorf("%d buckets: %v", maxBuckets, err)
	}
	f = swim.Frame{Kind: swim.FrameDigest, Self: goldenSelf, Differ: make([]uint32, maxBuckets)}
	for i := range f.Differ {
		f.Differ[i] = uint32(i)
	}
	got, err = c.ParseFrame(c.AppendFrame(nil, &f))
	if err != nil || !reflect.DeepEqual(*got, f) {
		t.Errorf("%d indexes: %v", maxBuckets, err)
	}
}
