package wirev2

import (
	"reflect"
	"testing"
	"unsafe"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// checkMessage compares NextMessage with the reference, and what it accepts with
// what becomes of it when it is written again.
func checkMessage(tb testing.TB, c *Codec, b []byte) {
	tb.Helper()
	want, wantRest, wantErr := refMessage(b)
	got := swim.Message{Body: []byte("from before")}
	rest, ok := parseMessage(b, &got)
	if ok != (wantErr == nil) {
		tb.Fatalf("% x\naccepted: %v, but the reference says %v", b, ok, wantErr)
	}
	if !ok {
		if !reflect.DeepEqual(got, swim.Message{}) || rest != nil {
			tb.Fatalf("% x\nis refused and leaves %+v", b, got)
		}
		return
	}
	if len(rest) != wantRest || !reflect.DeepEqual(got, want) {
		tb.Fatalf("% x\n got %+v and %d bytes\nwant %+v and %d bytes", b, got, len(rest), want, wantRest)
	}
	if got.Kind == swim.KindUnknown {
		return
	}
	again := c.AppendMessage(nil, &got)
	var m swim.Message
	if rest, ok := parseMessage(again, &m); !ok || len(rest) > 0 || !reflect.DeepEqual(m, got) {
		tb.Fatalf("% x\nmeans %+v\nwritten again % x\nmeans %+v", b, got, again, m)
	}
	// Ours is the shortest form, but for an address and meta that came as short
	// strings: binary has a head of two bytes.
	if len(again) > len(b)-wantRest+2 {
		tb.Fatalf("% x\nis written longer: % x", b, again)
	}
}

// checkFrame does the same for ParseFrame, and holds its memory against the bound.
func checkFrame(tb testing.TB, c *Codec, b []byte) {
	tb.Helper()
	want, wantErr := refFrame(b)
	got, err := c.ParseFrame(b)
	if (err == nil) != (wantErr == nil) {
		tb.Fatalf("% x\nerror %v, but the reference says %v", b, err, wantErr)
	}
	if err != nil {
		return
	}
	if !reflect.DeepEqual(*got, want) {
		tb.Fatalf("% x\n got %+v\nwant %+v", b, *got, want)
	}
	if size := memoryOf(got); size > maxAmplification*len(b)+512 {
		tb.Fatalf("%d bytes take %d bytes of memory", len(b), size)
	}
	again := c.AppendFrame(nil, got)
	if f, err := c.ParseFrame(again); err != nil || !reflect.DeepEqual(f, got) {
		tb.Fatalf("% x\nmeans %+v\nwritten again % x\nmeans %+v, %v", b, got, again, f, err)
	}
}

// memoryOf counts the memory that the lists of a frame hold, small allocations
// rounded up to 8 bytes.
func memoryOf(f *swim.Frame) int {
	round := func(n int) int { return (n + 7) / 8 * 8 }
	size := cap(f.Buckets)*8 + cap(f.Differ)*4 + len(f.ClusterID) + len(f.Version)
	size += cap(f.Rows) * int(unsafe.Sizeof(swim.Row{}))
	for _, r := range f.Rows {
		size += round(len(r.Name)) + round(cap(r.Digest))
	}
	size += cap(f.Claims) * int(unsafe.Sizeof(swim.Claim{}))
	for _, c := range f.Claims {
		size += round(len(c.Name)) + round(cap(c.Meta))
	}
	size += cap(f.Deltas) * int(unsafe.Sizeof([]byte{}))
	for _, d := range f.Deltas {
		size += round(cap(d))
	}
	size += cap(f.Wants) * int(unsafe.Sizeof(swim.Want{}))
	for _, w := range f.Wants {
		size += round(len(w.Name)) + round(cap(w.Digest))
	}
	return size
}

func FuzzNextMessage(f *testing.F) {
	c := newCodec(f)
	for _, m := range goldenMessages {
		f.Add(c.AppendMessage(nil, &m))
	}
	for _, tc := range malformedMessages {
		f.Add(tc.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkMessage(t, c, b) })
}

func FuzzOpenPacket(f *testing.F) {
	c := newCodec(f)
	for _, messages := range goldenPackets {
		f.Add(packetOf(c, messages...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		messages, drop := c.OpenPacket(b)
		if drop != swim.DropNone {
			if messages.Len() != 0 {
				t.Fatalf("% x is dropped as %v and leaves messages", b, drop)
			}
			return
		}
		if [headerLen]byte(b) != c.header || messages.Len() != len(b)-headerLen || messages.Len() == 0 {
			t.Fatalf("% x is taken for a packet of ours", b)
		}
		for ok := true; ok && messages.Len() > 0; {
			checkMessage(t, c, messages.Bytes)
			before := messages.Len()
			var m swim.Message
			if messages, ok = c.NextMessage(messages, &m); ok && messages.Len() >= before {
				t.Fatal("a message takes no bytes")
			}
		}
	})
}

func FuzzParseFrame(f *testing.F) {
	c := newCodec(f)
	for _, frame := range goldenFrames {
		f.Add(c.AppendFrame(nil, &frame))
	}
	for _, tc := range malformedFrames {
		f.Add(tc.bytes)
	}
	f.Fuzz(func(t *testing.T, b []byte) { checkFrame(t, c, b) })
}

func TestEveryByteOfEveryVectorReplacedByEveryCodeIsReadAsTheReferenceReadsIt(t *testing.T) {
	c := newCodec(t)
	// Every code of msgpack, and the edges of those that hold a number.
	codes := []byte{0, 1, mpack.MaxFixInt, mpack.FixMap, mpack.FixMap | 15, mpack.FixArray, mpack.FixArray | 15, mpack.FixStr, mpack.FixStr | 31, mpack.MinNegFixInt, 0xff}
	for code := byte(mpack.Nil); code < mpack.MinNegFixInt; code++ {
		codes = append(codes, code)
	}
	for name, b := range readVectors(t) {
		check := checkMessage
		if _, ok := goldenFrames[name]; ok {
			check = checkFrame
		} else if _, ok := goldenPackets[name]; ok {
			continue // made of messages that are here by themselves
		}
		for i := range b {
			was := b[i]
			for _, v := range append(codes, was-1, was+1) {
				b[i] = v
				check(t, c, b)
			}
			b[i] = was
		}
	}
}

func TestALibraryReadsTheSameFromWhatIsAppended(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		sent := genMessage.Draw(t, "message")
		b := c.AppendMessage(nil, &sent)
		if got, rest, err := refMessage(b); err != nil || rest != 0 || !reflect.DeepEqual(got, sent) {
			t.Fatalf("%v, %d bytes left\n got %+v\nwant %+v", err, rest, got, sent)
		}
		var generic []any
		if err := msgpack.Unmarshal(b, &generic); err != nil {
			t.Fatalf("% x is no array in msgpack: %v", b, err)
		}
		compact, err := msgpack.Marshal(generic)
		if err != nil {
			t.Fatal(err)
		}
		if len(b) > len(compact) {
			t.Fatalf("% x\nis longer than the library's % x", b, compact)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		sent := genFrame.Draw(t, "frame")
		b := c.AppendFrame(nil, &sent)
		if got, err := refFrame(b); err != nil || !reflect.DeepEqual(got, sent) {
			t.Fatalf("%v\n got %+v\nwant %+v", err, got, sent)
		}
	})
}
