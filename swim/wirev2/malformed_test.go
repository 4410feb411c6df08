package wirev2

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// unhex is for tables; blanks separate elements.
func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// long is n bytes of text in hex.
func long(n int) string { return strings.Repeat("61", n) }

const addr = "c406 0a000007232a"

var malformedMessages = []struct {
	name  string
	bytes []byte
}{
	{"nothing at all", nil},
	{"an integer", unhex("07")},
	{"a map", unhex("81 01 07")},
	{"an array of two-byte count", unhex("dc0002 04 07")},
	{"an empty array", unhex("90")},
	{"an array that ends before its kind", unhex("92")},
	{"a kind of nil", unhex("92 c0 07")},
	{"a kind below zero", unhex("92 ff 07")},
	{"a kind in text", unhex("92 a104 07")},
	{"an unknown kind whose field is cut off", unhex("92 7f a261")},
	{"an unknown kind with a byte that is never used", unhex("92 7f c1")},
	{"an unknown kind with a map of more pairs than bytes", unhex("92 7f dfffffffff 00")},
	{"an unknown kind with an array of more elements than bytes", unhex("92 7f ddffffffff 00")},
	{"an unknown kind with an extension longer than the packet", unhex("92 7f c9ffffffff 00")},

	{"ping without name", unhex("92 01 07")},
	{"ping with an empty name", unhex("93 01 07 a0")},
	{"ping with a nil name", unhex("93 01 07 c0")},
	{"ping with a name of 256 bytes", unhex("93 01 07 da0100" + long(256))},
	{"ping with a name longer than the packet", unhex("93 01 07 dbffffffff 61")},
	{"ping with one print", unhex("94 01 07 a161 05")},
	{"ping with one print and nil", unhex("95 01 07 a161 05 c0")},
	{"ping with a negative print", unhex("95 01 07 a161 05 d3ffffffffffffffff")},
	{"ping with a period that is no number", unhex("96 01 07 a161 05 06 a130")},
	{"ping with a negative period", unhex("95 01 07 a161 c0 ff")},
	{"ping with a seq of 33 bits", unhex("93 01 cf0000000100000000 a161")},
	{"ping with a fractional seq", unhex("93 01 ca3f800000 a161")},

	{"ping-req without wait", unhex("95 02 07 a161" + addr + "c3")},
	{"ping-req with a negative wait", unhex("96 02 07 a161" + addr + "c3 ff")},
	{"ping-req with a number for a boolean", unhex("96 02 07 a161" + addr + "01 00")},
	{"ping-req with an address of 5 bytes", unhex("96 02 07 a161 c405 0a00000723 c3 00")},
	{"ping-req with an address of nil", unhex("96 02 07 a161 c0 c3 00")},
	{"ping-req to port 0", unhex("96 02 07 a161 c406 0a0000070000 c3 00")},

	{"ack without seq", unhex("91 03")},
	{"ack with a seq of nil", unhex("92 03 c0")},
	{"ack with one print", unhex("93 03 07 05")},
	{"ack with a boolean for prints", unhex("93 03 07 c3")},

	{"nack without seq", unhex("91 04")},
	{"nack with a seq cut off", unhex("92 04 ce000000")},
	{"nack with a negative seq", unhex("92 04 d0ff")},
	{"leave-ack without seq", unhex("91 09")},
	{"leave-ack with a seq in text", unhex("92 09 a137")},

	{"alive without address", unhex("95 05 a161 01 02 03")},
	{"alive with a nil generation", unhex("96 05 a161 c0 02 03" + addr)},
	{"alive with an incarnation of 33 bits", unhex("96 05 a161 01 02 cf0000000100000000" + addr)},
	{"alive with IPv4 in IPv6", unhex("96 05 a161 01 02 03 c412 00000000000000000000ffff0a000007 232a")},
	{"alive at port 0", unhex("96 05 a161 01 02 03 c406 0a0000070000")},
	{"alive with meta of 513 bytes", unhex("97 05 a161 01 02 03" + addr + "c50201" + long(513))},
	{"alive with a number for meta", unhex("97 05 a161 01 02 03" + addr + "07")},

	{"suspect without accuser", unhex("95 06 a161 01 02 03")},
	{"suspect with a nil accuser", unhex("96 06 a161 01 02 03 c0")},
	{"suspect with an accuser without name", unhex("96 06 a161 01 02 03 a0")},
	{"suspect with a negative boot", unhex("96 06 a161 01 d1ffff 03 a162")},

	{"dead without incarnation", unhex("94 07 a161 01 02")},
	{"dead by an accuser without name", unhex("96 07 a161 01 02 03 a0")},
	{"dead by a number", unhex("96 07 a161 01 02 03 04")},

	{"rumour without body", unhex("91 08")},
	{"rumour with an empty body", unhex("92 08 c400")},
	{"rumour longer than its packet", unhex("92 08 c405 01020304")},
}

func TestAMalformedMessageIsRefusedAndLeavesNothing(t *testing.T) {
	c := newCodec(t)
	for _, tc := range malformedMessages {
		t.Run(tc.name, func(t *testing.T) {
			m := swim.Message{Kind: swim.KindAck, Name: []byte("from before")}
			if rest, ok := parseMessage(tc.bytes, &m); ok || rest != nil {
				t.Fatalf("accepted as %+v", m)
			}
			if !reflect.DeepEqual(m, swim.Message{}) {
				t.Fatalf("leaves %+v", m)
			}
			checkMessage(t, c, tc.bytes)
		})
	}
}

const self = "96 00 a161 01 02 03" + addr

var malformedFrames = []struct {
	name  string
	bytes []byte
	fault string // what the error says
}{
	{"nothing at all", nil, "frame at byte 0 of 0: cut off"},
	{"an integer", unhex("07"), "not an array"},
	{"an empty array", unhex("90"), "frame kind at byte 1 of 1: missing"},
	{"a kind of nil", unhex("91 c0"), "frame kind at byte 1 of 2: not an unsigned integer"},
	{"an unknown kind", unhex("91 07"), "frame of unknown kind 7"},
	{"bytes behind it", unhex("92 06 07 00"), "1 bytes behind the frame"},
	{"more elements than bytes", unhex("ddffffffff 06 07"), "frame at byte 0 of 7: cut off"},

	{"open with a cluster id of 256 bytes", unhex("98 01 da0100" + long(256)), "cluster id at byte 2 of 261: length out of bounds"},
	{"open without self", unhex("94 01 a0 a0 c3"), "claim at byte 5 of 5: missing"},
	{"open of a suspect", unhex("98 01 a0 a0 c3 98 01 a161 01 02 03" + addr + "c0 a162 00 00 90"), "self at byte 23 of 26: a sender that is neither"},
	{"open with a state of 4", unhex("98 01 a0 a0 c3 96 04 a161 01 02 03" + addr + "00 00 90"), "state at byte 7 of 23: not a state"},
	{"open with 3 buckets", unhex("98 01 a0 a0 c3" + self + "00 00 93 01 02 03"), "not a power of two"},
	{"open with 8192 buckets", unhex("98 01 a0 a0 c3" + self + "00 00 dc2000" + strings.Repeat("00", 8192)), "not a power of two"},
	{"open with 2³¹ buckets", unhex("98 01 a0 a0 c3" + self + "00 00 dd80000000 01"), "buckets at byte 22 of 28: cut off"},
	{"open with a negative bucket", unhex("98 01 a0 a0 c3" + self + "00 00 91 ff"), "bucket at byte 23 of 24: not an unsigned integer"},

	{"digest with indexes that do not ascend", unhex("97 02" + self + "00 00 92 05 05 90"), "do not ascend"},
	{"digest with an index of 4096", unhex("97 02" + self + "00 00 91 cd1000 90"), "differing bucket at byte 20 of 24: too large"},
	{"digest with a row without name", unhex("97 02" + self + "00 00 90 91 94 a0 01 02 03"), "name at byte 22 of 26: length out of bounds"},
	{"digest with a row that is no array", unhex("97 02" + self + "00 00 90 91 07"), "row at byte 21 of 22: not an array"},
	{"digest with a digest of 65 bytes", unhex("97 02" + self + "00 00 90 91 95 a161 01 02 03 c441" + long(65)), "digest at byte 27 of 94: length out of bounds"},
	{"digest with more rows than bytes", unhex("97 02" + self + "00 00 90 ddffffffff 94 a161 01 02 03"), "rows at byte 20 of 31: cut off"},
	{"digest with rows as a map", unhex("97 02" + self + "00 00 90 80"), "rows at byte 20 of 21: not an array"},

	{"digest without claims", unhex("96 02" + self + "00 00 90 90"), "claims at byte 21 of 21: missing"},
	{"digest with a suspect but no accuser", unhex("97 02" + self + "00 00 90 90 91 97 01 a161 01 02 03" + addr + "c0"), "from at byte 38 of 38: missing"},

	{"delta with a death declared by nobody", unhex("95 03" + self + "91 98 02 a161 01 02 03" + addr + "c0 a0 90 90"), "from at byte 34 of 37: length out of bounds"},
	{"delta with a death declared by nil", unhex("95 03" + self + "91 98 02 a161 01 02 03" + addr + "c0 c0 90 90"), "from at byte 34 of 37: neither a string nor binary"},
	{"delta with a claim without address", unhex("95 03" + self + "91 95 00 a161 01 02 03 90 90"), "address at byte 25 of 27: missing"},
	{"delta with an empty delta", unhex("95 03" + self + "90 91 c400 90"), "delta at byte 19 of 22: length out of bounds"},
	{"delta with a delta longer than the frame", unhex("95 03" + self + "90 91 c6ffffffff 90"), "delta at byte 19 of 25: "},
	{"delta with an empty want", unhex("95 03" + self + "90 90 91 90"), "name at byte 21 of 21: missing"},
	{"delta without wants", unhex("94 03" + self + "90 90"), "wants at byte 19 of 19: missing"},

	{"refuse without reason", unhex("95 04 00 a0 a0 a0"), "not a reason"},
	{"refuse with a reason of 256", unhex("95 04 cd0100 a0 a0 a0"), "reason at byte 2 of 8: too large"},
	{"refuse without name", unhex("94 04 01 a0 a0"), "name at byte 5 of 5: missing"},
	{"ping without name", unhex("93 05 a0 07"), "name at byte 4 of 4: missing"},
	{"ack with a nil seq", unhex("92 06 c0"), "seq at byte 2 of 3: not an unsigned integer"},
}

func TestAMalformedFrameIsRefusedWithAnErrorThatSaysWhere(t *testing.T) {
	c := newCodec(t)
	for _, tc := range malformedFrames {
		t.Run(tc.name, func(t *testing.T) {
			f, err := c.ParseFrame(tc.bytes)
			if f != nil || !errors.Is(err, swim.ErrMalformed) {
				t.Fatalf("parsed to %+v, %v", f, err)
			}
			if !strings.Contains(err.Error(), tc.fault) {
				t.Fatalf("error %q does not say %q", err, tc.fault)
			}
			checkFrame(t, c, tc.bytes)
		})
	}
}

func TestWhatIsCutOffAnywhereIsRefused(t *testing.T) {
	c := newCodec(t)
	for name, b := range readVectors(t) {
		if _, isPacket := goldenPackets[name]; isPacket {
			continue
		}
		_, isFrame := goldenFrames[name]
		for n := range b {
			if isFrame {
				if f, err := c.ParseFrame(b[:n]); !errors.Is(err, swim.ErrMalformed) {
					t.Errorf("%s: %d of %d bytes parse to %+v, %v", name, n, len(b), f, err)
				}
				continue
			}
			var m swim.Message
			if _, ok := parseMessage(b[:n], &m); ok {
				t.Errorf("%s: %d of %d bytes parse to %+v", name, n, len(b), m)
			}
		}
	}
}

// genExtra generates any msgpack value, as a later version might add it.
func genExtra(depth int) *rapid.Generator[[]byte] {
	return rapid.Custom(func(t *rapid.T) []byte {
		kinds := 7
		if depth == 0 {
			kinds = 5
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind of value") {
		case 0:
			return mpack.AppendUint(nil, rapid.Uint64().Draw(t, "integer"))
		case 1:
			return mpack.AppendBin(nil, rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "binary"))
		case 2:
			return rapid.SampledFrom([][]byte{{mpack.Nil}, {mpack.True}, {0xe0}, {mpack.Int16, 0xff, 0}, {mpack.Float64, 8: 0}}).Draw(t, "scalar")
		case 3:
			width := rapid.IntRange(0, 4).Draw(t, "fixed extension")
			return append([]byte{mpack.FixExt1 + byte(width), 5}, make([]byte, 1<<width)...)
		case 4:
			n := rapid.IntRange(0, 300).Draw(t, "extension")
			return append([]byte{mpack.Ext16, byte(n >> 8), byte(n), 5}, make([]byte, n)...)
		case 5:
			list := rapid.SliceOfN(genExtra(depth-1), 0, 20).Draw(t, "array")
			return append(mpack.AppendArray(nil, len(list)), bytes.Join(list, nil)...)
		default:
			pairs := rapid.SliceOfN(genExtra(depth-1), 0, 5).Draw(t, "map")
			b := []byte{mpack.Map16, 0, byte(len(pairs))}
			for _, p := range pairs {
				b = append(append(b, p...), p...)
			}
			return b
		}
	})
}

func TestFieldsOfALaterVersionAreSkipped(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := genMessage.Draw(t, "message")
		b := c.AppendMessage(nil, &sent)
		// A field can only follow the optional ones when those are there, if as nil.
		switch {
		case sent.Kind == swim.KindPing && sent.Period == 0:
			if sent.Seen == swim.PrintsAbsent {
				b = append(b, mpack.Nil)
				b[0]++
			}
			b = append(b, mpack.Nil)
			b[0]++
		case sent.Kind == swim.KindAlive && sent.Meta == nil,
			sent.Kind == swim.KindDead && bytes.Equal(sent.Name, sent.From):
			b = append(b, mpack.Nil)
			b[0]++
		case sent.Kind == swim.KindAck && sent.Seen == swim.PrintsSame:
			t.Skip("nothing can follow")
		}
		extra := genExtra(3).Draw(t, "extra")
		b[0]++
		b = append(append(b, extra...), "what follows"...)
		var m swim.Message
		rest, ok := parseMessage(b, &m)
		if !ok || string(rest) != "what follows" || !reflect.DeepEqual(m, sent) {
			t.Fatalf("ok %v, %d bytes left\n got %+v\nwant %+v", ok, len(rest), m, sent)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		sent := genFrame.Draw(t, "frame")
		b := append(c.AppendFrame(nil, &sent), genExtra(3).Draw(t, "extra")...)
		b[0]++
		if f, err := c.ParseFrame(b); err != nil || !reflect.DeepEqual(*f, sent) {
			t.Fatalf("%v\n got %+v\nwant %+v", err, f, sent)
		}
	})
}

func TestFieldsOfALaterVersionInsideRecordsAreSkipped(t *testing.T) {
	c := newCodec(t)
	claim := "98 00 a161 01 02 03" + addr + "c0 81a16b93010203"
	b := unhex("97 02" + claim + "00 00 90 91 96 a162 01 02 03 c0 c3 90")
	f, err := c.ParseFrame(b)
	if err != nil || f.Self.Name != "a" || f.Self.Meta != nil || len(f.Rows) != 1 || f.Rows[0].Name != "b" {
		t.Fatalf("digest: %+v, %v", f, err)
	}
	b = unhex("95 03" + claim + "91" + claim + "90 91 93 a162 c0 07")
	f, err = c.ParseFrame(b)
	if err != nil || len(f.Claims) != 1 || len(f.Wants) != 1 || f.Wants[0].Name != "b" || f.Wants[0].Digest != nil {
		t.Fatalf("delta: %+v, %v", f, err)
	}
}

func TestAMessageOfAnUnknownKindIsSkippedAndTheNextOneRead(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64Min(10)).Draw(t, "kind")
		extras := rapid.SliceOfN(genExtra(2), 0, 14).Draw(t, "fields")
		b := mpack.AppendUint(mpack.AppendArray(nil, 1+len(extras)), kind)
		b = append(b, bytes.Join(extras, nil)...)
		nack := swim.Message{Kind: swim.KindNack, Seq: 7}
		b = c.AppendMessage(b, &nack)

		m := swim.Message{Kind: swim.KindAck}
		rest, ok := parseMessage(b, &m)
		if !ok || !reflect.DeepEqual(m, swim.Message{Kind: swim.KindUnknown}) {
			t.Fatalf("ok %v, %+v", ok, m)
		}
		if rest, ok = parseMessage(rest, &m); !ok || len(rest) > 0 || !reflect.DeepEqual(m, nack) {
			t.Fatalf("the nack behind it: ok %v, %+v", ok, m)
		}
	})
}

func TestNestingWithoutEndCostsNoStack(t *testing.T) {
	c := newCodec(t)
	// A packet of nothing but arrays of one element, and a frame of 4 MiB of them.
	b := append(unhex("92 7f"), bytes.Repeat([]byte{0x91}, 60000)...)
	var m swim.Message
	if _, ok := parseMessage(b, &m); ok {
		t.Error("an array that never ends is accepted")
	}
	if rest, ok := parseMessage(append(b, 0x07), &m); !ok || len(rest) != 0 {
		t.Error("an array that ends after 60000 levels is not skipped")
	}
	b = append(unhex("93 06 07"), bytes.Repeat([]byte{0x91}, 4<<20)...)
	if f, err := c.ParseFrame(append(b, mpack.Nil)); err != nil || f.Seq != 7 {
		t.Errorf("ack with a deeply nested extra field: %+v, %v", f, err)
	}
}

func TestAFrameTakesNoMoreMemoryThanItsBytesCanHoldUp(t *testing.T) {
	c := newCodec(t)
	const elements = 100000
	const slack = 3 // the race detector makes small allocations larger
	lists := map[string][]byte{
		"claims": unhex("96 00 a161 01 02 03 a6 0a000007232a"),
		"deltas": unhex("a161"),
		"wants":  unhex("91 a161"),
	}
	for name, element := range lists {
		// A list of the smallest elements, all there: much memory, and deserved.
		// The same list, cut off: no more than that.
		list := append(unhex("dd000186a0"), bytes.Repeat(element, elements)...)
		b := unhex("95 03" + self)
		for _, field := range []string{"claims", "deltas", "wants"} {
			if field == name {
				b = append(b, list...)
			} else {
				b = append(b, mpack.FixArray)
			}
		}
		f, err := c.ParseFrame(b)
		if err != nil || len(f.Claims)+len(f.Deltas)+len(f.Wants) != elements {
			t.Fatalf("%s: %v", name, err)
		}
		if size := memoryOf(f); size > maxAmplification*len(b) {
			t.Errorf("%s: %d bytes take %d bytes of memory", name, len(b), size)
		}
		for _, cut := range [][]byte{b[:len(b)-5], b[:len(b)/2]} {
			if size := allocated(func() { f, err = c.ParseFrame(cut) }); err == nil || size > slack*maxAmplification*uint64(len(b)) {
				t.Errorf("%s: %d bytes, cut off, take %d bytes of memory, %v", name, len(cut), size, err)
			}
		}
	}
	// Counts and lengths that nothing holds up: next to nothing.
	for _, tc := range malformedFrames {
		if size := allocated(func() { _, _ = c.ParseFrame(tc.bytes) }); size > 4096+maxAmplification*uint64(len(tc.bytes)) {
			t.Errorf("%s: %d bytes take %d bytes of memory", tc.name, len(tc.bytes), size)
		}
	}
}

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// What a later version may tell instead of a period does not make a ping malformed.
func TestAPeriodThatMeansNothingCountsAsNone(t *testing.T) {
	for _, period := range []string{"00", "cc80", "cfffffffffffffffff", "c0"} {
		var m swim.Message
		rest, ok := parseMessage(unhex("96 01 07 a161 05 06"+period), &m)
		if !ok || len(rest) > 0 || m.Period != 0 || m.Seen != swim.PrintsGiven {
			t.Errorf("%s: ok %v, %+v", period, ok, m)
		}
	}
}
