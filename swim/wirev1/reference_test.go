package wirev1

import (
	"bufio"
	"bytes"
	"errors"
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/swim"
)

// The reference: a second implementation of reading, over the values that
// vmihailenco/msgpack decodes, with no thought of speed. It knows msgpack from that
// library, and the fields from the specification.

var errRef = errors.New("refused by the reference")

// other stands for a value that is of no use to any field: maps, extensions, floats.
type other struct{}

// unsigned and signed are integers.
type (
	unsigned uint64
	signed   int64 // negative
)

type pair struct{ key, value any }

// refValue decodes one value: nil, bool, unsigned, signed, []byte, []any, []pair or
// other.
func refValue(d *msgpack.Decoder, left *bytes.Reader, depth int) (any, error) {
	code, err := d.PeekCode()
	if err != nil {
		return nil, err
	}
	count := func(n int, err error) (int, error) {
		if err == nil && (n < 0 || n > left.Len() || n > 0 && depth == maxDepth) {
			err = errRef
		}
		return n, err
	}
	switch {
	case code == msgpcode.Nil:
		return nil, d.DecodeNil()
	case code == msgpcode.False || code == msgpcode.True:
		return d.DecodeBool()
	case code <= msgpcode.PosFixedNumHigh, code >= msgpcode.Uint8 && code <= msgpcode.Uint64:
		v, err := d.DecodeUint64()
		return unsigned(v), err
	case code >= msgpcode.Int8 && code <= msgpcode.Int64, code >= msgpcode.NegFixedNumLow:
		v, err := d.DecodeInt64()
		if v < 0 {
			return signed(v), err
		}
		return unsigned(v), err
	case msgpcode.IsString(code) || msgpcode.IsBin(code):
		n, err := d.DecodeBytesLen()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		p := make([]byte, n)
		return p, d.ReadFull(p)
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		n, err := count(d.DecodeArrayLen())
		list := []any{}
		for ; err == nil && n > 0; n-- {
			var v any
			v, err = refValue(d, left, depth+1)
			list = append(list, v)
		}
		return list, err
	case msgpcode.IsExt(code):
		_, n, err := d.DecodeExtHeader()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		return other{}, d.ReadFull(make([]byte, n))
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		n, err := count(d.DecodeMapLen())
		list := []pair{}
		for ; err == nil && n > 0; n-- {
			var p pair
			if p.key, err = refValue(d, left, depth+1); err == nil {
				p.value, err = refValue(d, left, depth+1)
			}
			list = append(list, p)
		}
		return list, err
	}
	return other{}, d.Skip()
}

// refStruct gives every field of a struct to set, by its name.
func refStruct(v any, order []field, set func(name string, v any)) {
	switch v := v.(type) {
	case nil:
	case []any:
		for i, f := range v {
			if i < len(order) {
				set(order[i].String(), f)
			}
		}
	case []pair:
		for _, p := range v {
			set(string(refBytes(p.key, false)), p.value)
		}
	default:
		panic(errRef)
	}
}

func refBytes(v any, null bool) []byte {
	switch v := v.(type) {
	case []byte:
		return v
	case nil:
		if null {
			return nil
		}
	case []any:
		p := []byte{}
		for _, x := range v {
			p = append(p, byte(refUint(x, 255)))
		}
		return p
	}
	panic(errRef)
}

func refUint(v any, most unsigned) unsigned {
	if v == nil {
		return 0
	}
	n, ok := v.(unsigned)
	if !ok || n > most {
		panic(errRef)
	}
	return n
}

func refBool(v any) bool {
	switch v {
	case true, unsigned(1):
		return true
	case false, unsigned(0), nil:
		return false
	}
	panic(errRef)
}

func refIP(p []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(p)
	return a
}

// refMessage is what NextMessage should make of one message.
func refMessage(c *Codec, b []byte) (m swim.Message, err error) {
	defer func() {
		if p := recover(); p != nil {
			if p != errRef {
				panic(p)
			}
			m, err = swim.Message{}, errRef
		}
	}()
	if len(b) == 0 {
		return m, errRef
	}
	var order []field
	switch b[0] {
	case 0:
		m.Kind, order = swim.KindPing, pingOrder[:]
	case 1:
		m.Kind, order = swim.KindPingReq, pingReqOrder[:]
	case 2:
		m.Kind, order = swim.KindAck, ackOrder[:]
	case 3:
		m.Kind, order = swim.KindSuspect, accusationOrder[:]
	case 4:
		m.Kind, order = swim.KindAlive, aliveOrder[:]
	case 5:
		m.Kind, order = swim.KindDead, accusationOrder[:]
	case 8:
		return swim.Message{Kind: swim.KindUser, Body: b[1:]}, nil
	case 11:
		m.Kind, order = swim.KindNack, nackOrder[:]
	default:
		return m, nil
	}
	left := bytes.NewReader(b[1:])
	// The struct itself is not nested in anything.
	v, err := refValue(msgpack.NewDecoder(left), left, -1)
	if err != nil {
		return swim.Message{}, errRef
	}
	var ip, from netip.Addr
	var port, fromPort uint16
	refStruct(v, order, func(name string, v any) {
		known := false
		for _, f := range order {
			known = known || f.String() == name
		}
		if !known {
			return
		}
		switch name {
		case "SeqNo":
			m.Seq = swim.SeqNo(refUint(v, math.MaxUint32))
		case "Incarnation":
			m.Stamp.Incarnation = swim.Incarnation(refUint(v, math.MaxUint32))
		case "Node":
			m.Name = refBytes(v, true)
		case "From":
			m.From = refBytes(v, true)
		case "Addr", "Target":
			ip = refIP(refBytes(v, true))
		case "Port":
			port = uint16(refUint(v, 65535))
		case "SourceAddr":
			from = refIP(refBytes(v, true))
		case "SourcePort":
			fromPort = uint16(refUint(v, 65535))
		case "SourceNode":
			if name := refBytes(v, true); m.Kind == swim.KindPing && len(name) > 0 && len(name) <= 255 {
				m.From = name
			} else if m.Kind == swim.KindPing {
				m.From = nil
			}
		case "Payload":
			refBytes(v, true)
		case "Nack":
			m.WantNack = refBool(v)
		case "Meta":
			m.Meta = refBytes(v, true)
		case "Vsn":
			m.Versions = swim.Versions{}
			if p := refBytes(v, true); len(p) >= 6 {
				m.Versions = swim.Versions(p)
			}
		}
	})
	if m.Kind == swim.KindPing && len(m.Name) == 0 {
		m.Name = c.name
	}
	if order[0] != fieldSeqNo || m.Kind <= swim.KindPingReq {
		if n := len(m.Name); n == 0 || n > 255 {
			panic(errRef)
		}
	}
	if n := len(m.From); (m.Kind == swim.KindSuspect || m.Kind == swim.KindDead) && (n == 0 || n > 255) || len(m.Meta) > 512 {
		panic(errRef)
	}
	if m.Kind == swim.KindAlive || m.Kind == swim.KindPingReq {
		if !ip.IsValid() {
			panic(errRef)
		}
		if port == 0 {
			port = 9002
		}
		m.Addr = netip.AddrPortFrom(ip, port)
	}
	if from.IsValid() && fromPort != 0 {
		m.ReplyTo = netip.AddrPortFrom(from, fromPort)
	}
	return m, nil
}

// fatal is what checkMessage needs of a test.
type fatal interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkMessage compares NextMessage with the reference, and what it accepts with what
// becomes of it when it is written again.
func checkMessage(tb fatal, c *Codec, b []byte) {
	tb.Helper()
	want, wantErr := refMessage(c, b)
	got := swim.Message{Body: []byte("from before")}
	_, ok := c.NextMessage(swim.Messages{Bytes: b}, &got)
	if ok != (wantErr == nil) || !reflect.DeepEqual(got, want) {
		tb.Fatalf("% x\nok %v, %+v\nthe reference: %v, %+v", b, ok, got, wantErr, want)
	}
	if !ok || got.Kind == swim.KindUnknown {
		return
	}
	var m swim.Message
	written := c.AppendMessage(nil, &got)
	_, ok = c.NextMessage(swim.Messages{Bytes: written}, &m)
	m.ReplyTo, got.ReplyTo = netip.AddrPort{}, netip.AddrPort{} // always ours
	if got.Kind == swim.KindPing {
		m.From, got.From = nil, nil // the same
	}
	if !ok || !reflect.DeepEqual(m, got) {
		tb.Fatalf("% x\nmeans %+v\nwritten again % x\nmeans %+v", b, got, written, m)
	}
}

// bareMessages are all messages in the vectors.
func bareMessages(tb testing.TB) (all [][]byte) {
	tb.Helper()
	for _, v := range readVectors(tb) {
		if v.decoded["layer"] == nil && !strings.HasPrefix(v.direction, "stream") {
			all = append(all, v.bytes)
		}
	}
	return all
}

func TestEveryByteOfEveryMessageReplacedByEveryCodeIsReadAsTheReferenceReadsIt(t *testing.T) {
	c := newCodec(t)
	codes := []byte{0, 1, 2, 0x7f, 0x80, 0x81, 0x8f, 0x90, 0x92, 0x9f, 0xa0, 0xa1, 0xbf, 0xe0, 0xff}
	for code := byte(0xc0); code < 0xe0; code++ {
		codes = append(codes, code)
	}
	for _, b := range bareMessages(t) {
		b = bytes.Clone(b)
		for i := range b {
			if i > 300 {
				break // the longest meta
			}
			was := b[i]
			for _, v := range append(codes, was-1, was+1) {
				b[i] = v
				checkMessage(t, c, b)
			}
			b[i] = was
			checkMessage(t, c, b[:i])
		}
	}
}

// genValue are values for a field, of which most will do and many will not.
var genValue = rapid.Custom(func(t *rapid.T) any {
	return rapid.OneOf(
		rapid.Just[any](nil), rapid.Custom(func(t *rapid.T) any { return rapid.Bool().Draw(t, "bool") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Int64().Draw(t, "int") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Uint16().Draw(t, "port") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Uint64().Draw(t, "uint") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.StringN(0, 40, 300).Draw(t, "text") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(rapid.Byte(), 4, 6).Draw(t, "bytes") }),
		rapid.Custom(func(t *rapid.T) any {
			var list []any
			for range rapid.IntRange(0, 16).Draw(t, "ints") {
				list = append(list, rapid.IntRange(0, 256).Draw(t, "int"))
			}
			return list
		}),
		rapid.Just[any](map[string]any{"a": []any{1.5, "b"}}),
	).Draw(t, "value")
})

// What the library writes, in any order and with fields that nobody knows, is read as
// the reference reads it.
func TestWhatALibraryWritesIsReadAsTheReferenceReadsIt(t *testing.T) {
	c := newCodec(t)
	rapid.Check(t, func(t *rapid.T) {
		var buf bytes.Buffer
		e := msgpack.NewEncoder(&buf)
		e.UseCompactInts(rapid.Bool().Draw(t, "compact"))
		kind := rapid.SampledFrom([]byte{0, 1, 2, 3, 4, 5, 11}).Draw(t, "type")
		buf.WriteByte(kind)
		n := rapid.IntRange(0, 9).Draw(t, "fields")
		asArray := rapid.Bool().Draw(t, "array")
		if asArray {
			e.EncodeArrayLen(n)
		} else {
			e.EncodeMapLen(n)
		}
		for range n {
			if !asArray {
				name := field(rapid.IntRange(0, int(numFields)-1).Draw(t, "field")).String()
				e.EncodeString(name)
			}
			if err := e.Encode(genValue.Draw(t, "value")); err != nil {
				t.Fatal(err)
			}
		}
		buf.WriteString("behind")
		checkMessage(t, c, buf.Bytes())
	})
}

func TestFieldsAndTheirNamesAgree(t *testing.T) {
	for f := fieldUnknown + 1; f < numFields; f++ {
		if fieldOf([]byte(f.String())) != f {
			t.Errorf("%d is called %v, which is %d", f, f, fieldOf([]byte(f.String())))
		}
	}
	if field(200).String() != fieldUnknown.String() {
		t.Error("there is a field 200")
	}
}

func TestWhatIsUnknownIsSkippedAsDeeplyAsMemberlistDoes(t *testing.T) {
	c := newCodec(t)
	for depth, want := range map[int]bool{1: true, maxDepth: true, maxDepth + 1: false, 60000: false} {
		b := append(unhex("0b 82 a161"), bytes.Repeat([]byte{0x91}, depth)...)
		b = append(append(b, 0x07), unhex("a55365714e6f 08")...)
		var m swim.Message
		if _, ok := c.NextMessage(swim.Messages{Bytes: b}, &m); ok != want || ok && m.Seq != 8 {
			t.Errorf("%d deep: ok %v, %+v", depth, ok, m)
		}
	}
}

func FuzzPacket(f *testing.F) {
	c := newCodec(f)
	for _, v := range readVectors(f) {
		f.Add(v.bytes)
	}
	for _, b := range bareMessages(f) {
		f.Add(compound(b, AppendCompressed(nil, b), compound(b)))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		rest, drop := c.OpenPacket(b)
		if len(rest.Bytes) > maxUnpacked {
			t.Fatalf("%d bytes become %d", len(b), rest.Len())
		}
		if drop == swim.DropNone && rest.Len() == 0 {
			t.Fatal("a packet of nothing")
		}
		for rest.Len() > 0 {
			if part, _, ok := nextPart(rest); ok {
				checkMessage(t, c, part)
			}
			var m swim.Message
			next, _ := c.NextMessage(rest, &m)
			if next.Len() >= rest.Len() {
				t.Fatal("a message takes no bytes")
			}
			rest = next
		}
	})
}

func FuzzFrame(f *testing.F) {
	c := newCodec(f)
	for _, v := range readVectors(f) {
		f.Add(v.bytes)
	}
	f.Add(c.AppendFrame(nil, table(3, 3)))
	f.Fuzz(func(t *testing.T, b []byte) {
		read, readErr := ReadMessage(nil, bufio.NewReaderSize(bytes.NewReader(b), 16), 0)
		if readErr == nil && !bytes.HasPrefix(b, read) {
			t.Fatalf("% x\nis read as % x", b, read)
		}
		got, err := c.ParseFrame(b)
		if err != nil {
			if !errors.Is(err, swim.ErrMalformed) {
				t.Fatal(err)
			}
			return
		}
		if readErr != nil {
			t.Fatalf("% x\nis a message, but cannot be read: %v", b, readErr)
		}
		// What is behind the message does not count.
		if f, err := c.ParseFrame(read); err != nil || !sameFrame(f, got) {
			t.Fatalf("% x\nis read as % x: %v", b, read, err)
		}
		got.Skipped = 0
		again := c.AppendFrame(nil, got)
		if f, err := c.ParseFrame(again); err != nil || !sameFrame(f, got) {
			t.Fatalf("% x\nmeans %+v\nwritten again % x\nmeans %+v, %v", b, got, again, f, err)
		}
	})
}

func FuzzLZW(f *testing.F) {
	for _, text := range texts() {
		if len(text) < 2000 {
			f.Add(text)
			f.Add(libraryLZW(f, text))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		checkLZW(t, b)
		checkUnLZW(t, b)
		out, err := AppendDecompressed(nil, b, 1<<16)
		if len(out) > 1<<16 || err != nil && out != nil {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
	})
}
