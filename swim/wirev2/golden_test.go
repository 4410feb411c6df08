package wirev2

import (
	"bytes"
	"encoding/hex"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// The vectors in hex stand in the specification, docs/wire-v2.md, each in a block
// with a name and with every element on a line of its own. What they mean stands
// here. Neither can be without the other.
const specification = "../../docs/wire-v2.md"

var (
	goldenStamp = swim.Stamp{Life: swim.Life{Generation: 3, Boot: 1767225600000}, Incarnation: 1}
	goldenAddr4 = netip.MustParseAddrPort("10.0.0.7:9002")
	goldenAddr6 = netip.MustParseAddrPort("[2001:db8::7]:9002")
	goldenPrint = swim.Prints{Members: 0x8899aabbccddeeff, State: 0x1122334455667788}
	goldenSelf  = swim.Claim{Name: "seahorse", Addr: goldenAddr4, Stamp: goldenStamp, Meta: []byte("reef")}
)

// goldenMessages has the vectors of single messages.
var goldenMessages = map[string]swim.Message{
	"ping":             {Kind: swim.KindPing, Seq: 7, Name: []byte("seahorse"), Prints: goldenPrint, Seen: swim.PrintsGiven},
	"ping-absent":      {Kind: swim.KindPing, Seq: 300, Name: []byte("seahorse")},
	"ping-period":      {Kind: swim.KindPing, Seq: 7, Name: []byte("seahorse"), Prints: goldenPrint, Seen: swim.PrintsGiven, Period: 42},
	"ping-period-only": {Kind: swim.KindPing, Seq: 7, Name: []byte("seahorse"), Period: swim.NumPeriods},
	"ping-req":         {Kind: swim.KindPingReq, Seq: 70000, Name: []byte("seahorse"), Addr: goldenAddr4, WantNack: true, Wait: 500 * time.Millisecond},
	"ack-same":         {Kind: swim.KindAck, Seq: 7, Seen: swim.PrintsSame},
	"ack-absent":       {Kind: swim.KindAck, Seq: 7},
	"ack":              {Kind: swim.KindAck, Seq: 200, Prints: swim.Prints{Members: 0x8899aabbccddeeff}, Seen: swim.PrintsGiven},
	"nack":             {Kind: swim.KindNack, Seq: 70000},
	"alive":            {Kind: swim.KindAlive, Name: []byte("seahorse"), Stamp: goldenStamp, Addr: goldenAddr4},
	"alive-ipv6":       {Kind: swim.KindAlive, Name: []byte("seahorse"), Stamp: goldenStamp, Addr: goldenAddr6, Meta: []byte("reef")},
	"suspect":          {Kind: swim.KindSuspect, Name: []byte("seahorse"), Stamp: goldenStamp, From: []byte("barnacle")},
	"dead":             {Kind: swim.KindDead, Name: []byte("seahorse"), Stamp: goldenStamp, From: []byte("barnacle")},
	"dead-left":        {Kind: swim.KindDead, Name: []byte("seahorse"), Stamp: goldenStamp, From: []byte("seahorse")},
	"rumour":           {Kind: swim.KindRumour, Body: []byte{0xde, 0xad, 0xbe, 0xef}},
	"leave-ack":        {Kind: swim.KindLeaveAck, Seq: 2},
	"alive-long-name":  {Kind: swim.KindAlive, Name: []byte("the-seahorse-of-the-northern-reef"), Addr: goldenAddr4},
	"suspect-boundary": {Kind: swim.KindSuspect, Name: []byte("a"), From: []byte("b"), Stamp: swim.Stamp{Life: swim.Life{Generation: 127, Boot: 128}, Incarnation: 65536}},
}

// goldenPackets has the vectors of whole packets of cluster "shoal".
var goldenPackets = map[string][]swim.Message{
	"packet-ping": {goldenMessages["ping"]},
	"packet-ack":  {goldenMessages["ack-same"]},
	"packet-piggyback": {
		goldenMessages["ack-same"], goldenMessages["suspect"], goldenMessages["rumour"],
	},
}

// goldenFrames has the vectors of frames.
var goldenFrames = map[string]swim.Frame{
	"frame-open": {
		Kind: swim.FrameOpen, ClusterID: "shoal", Version: "v2", Join: true, Self: goldenSelf,
		Prints: goldenPrint, Buckets: []uint64{0x8899aabbccddeefe, 1},
	},
	"frame-open-alone": {
		Kind: swim.FrameOpen, ClusterID: "shoal", Version: "v2", Join: true,
		Self: swim.Claim{Name: "seahorse", Addr: goldenAddr6, Stamp: goldenStamp},
	},
	"frame-digest": {
		Kind: swim.FrameDigest, Self: goldenSelf, Prints: goldenPrint, Differ: []uint32{0, 300},
		Rows: []swim.Row{
			{Name: "barnacle", Stamp: goldenStamp, Digest: []byte{0x2a}},
			{Name: "stingray", Stamp: goldenStamp},
		},
		Claims: []swim.Claim{
			{State: swim.Suspect, Name: "starfish", Addr: goldenAddr4, Stamp: goldenStamp, Meta: []byte("reef"), From: "barnacle"},
		},
	},
	"frame-delta": {
		Kind: swim.FrameDelta, Self: goldenSelf,
		Claims: []swim.Claim{
			{State: swim.Dead, Name: "barnacle", Addr: goldenAddr4, Stamp: goldenStamp, From: "seahorse"},
			{State: swim.Left, Name: "stingray", Addr: goldenAddr4, Stamp: goldenStamp},
		},
		Deltas: [][]byte{{0xde, 0xad, 0xbe, 0xef}},
		Wants:  []swim.Want{{Name: "stingray", Digest: []byte{0x2a}}, {Name: "starfish"}},
	},
	"frame-refuse": {
		Kind:    swim.FrameRefuse,
		Refusal: swim.Refusal{Reason: swim.RefusedCluster, Ours: "shoal", Theirs: "pod", Name: "barnacle"},
	},
	"frame-ping": {Kind: swim.FramePing, ClusterID: "shoal", Seq: 7, Name: "seahorse"},
	"frame-ack":  {Kind: swim.FrameAck, Seq: 7},
}

// readVectors returns the blocks of the specification by name:
//
//	```hex name
//	92 03    # what this is
//	```
func readVectors(tb testing.TB) map[string][]byte {
	tb.Helper()
	text, err := os.ReadFile(specification)
	if err != nil {
		tb.Fatal(err)
	}
	vectors := map[string][]byte{}
	name, digits := "", ""
	for i, line := range strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "```hex"):
			name, digits = strings.TrimSpace(strings.TrimPrefix(line, "```hex")), ""
		case name != "" && strings.HasPrefix(line, "```"):
			b, err := hex.DecodeString(digits)
			if err != nil || vectors[name] != nil {
				tb.Fatalf("block %q that ends in line %d is no hex or is there twice: %v", name, i+1, err)
			}
			vectors[name], name = b, ""
		case name != "":
			code, _, _ := strings.Cut(line, "#")
			digits += strings.ReplaceAll(code, " ", "")
		}
	}
	return vectors
}

func TestTheVectorsOfTheSpecificationAreWhatIsWrittenAndRead(t *testing.T) {
	c := newCodec(t)
	vectors := readVectors(t)
	take := func(t *testing.T, name string, written []byte) {
		t.Helper()
		want, ok := vectors[name]
		if !ok {
			t.Errorf("%s has no block %q; it would be\n% x", specification, name, written)
		} else if !bytes.Equal(written, want) {
			t.Errorf("%s\nwritten % x\n   want % x", name, written, want)
		}
		delete(vectors, name)
	}
	for name, m := range goldenMessages {
		b := c.AppendMessage(nil, &m)
		take(t, name, b)
		var got swim.Message
		if rest, ok := parseMessage(b, &got); !ok || len(rest) > 0 || !reflect.DeepEqual(got, m) {
			t.Errorf("%s\n got %+v\nwant %+v", name, got, m)
		}
	}
	for name, messages := range goldenPackets {
		take(t, name, packetOf(c, messages...))
	}
	for name, f := range goldenFrames {
		b := c.AppendFrame(nil, &f)
		take(t, name, b)
		if got, err := c.ParseFrame(b); err != nil || !reflect.DeepEqual(*got, f) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got, f)
		}
	}
	for name := range vectors {
		t.Errorf("nothing here says what block %q of %s means", name, specification)
	}
}

// packetOf builds a whole packet.
func packetOf(c *Codec, messages ...swim.Message) []byte {
	b := c.BeginPacket(nil)
	var parts []int
	for i := range messages {
		parts = append(parts, len(b))
		b = c.AppendMessage(b, &messages[i])
	}
	return c.FinishPacket(b, 0, parts)
}
