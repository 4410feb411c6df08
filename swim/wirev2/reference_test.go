package wirev2

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net/netip"
	"testing"
	"time"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The reference: a second implementation of reading, over the values that
// vmihailenco/msgpack decodes, with no thought of speed. It knows msgpack from that
// library, and the layouts from the specification.

// other stands for a value that is of no use to any field: negative numbers,
// floats, maps and extensions.
type other struct{}

var errRef = errors.New("refused by the reference")

// refValue decodes one value: nil, bool, uint64, []byte, []any or other.
func refValue(d *msgpack.Decoder, left *bytes.Reader) (any, error) {
	code, err := d.PeekCode()
	if err != nil {
		return nil, err
	}
	switch {
	case code == msgpcode.Nil:
		return nil, d.DecodeNil()
	case code == msgpcode.False || code == msgpcode.True:
		return d.DecodeBool()
	case code <= msgpcode.PosFixedNumHigh, code >= msgpcode.Uint8 && code <= msgpcode.Uint64:
		return d.DecodeUint64()
	case code >= msgpcode.Int8 && code <= msgpcode.Int64:
		v, err := d.DecodeInt64()
		if v < 0 || err != nil {
			return other{}, err
		}
		return uint64(v), nil
	case msgpcode.IsString(code) || msgpcode.IsBin(code):
		n, err := d.DecodeBytesLen()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		p := make([]byte, n)
		return p, d.ReadFull(p)
	case msgpcode.IsFixedArray(code) || code == msgpcode.Array16 || code == msgpcode.Array32:
		n, err := d.DecodeArrayLen()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		list := []any{}
		for range n {
			v, err := refValue(d, left)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, nil
	}
	switch {
	case msgpcode.IsExt(code):
		_, n, err := d.DecodeExtHeader()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		return other{}, d.ReadFull(make([]byte, n))
	case msgpcode.IsFixedMap(code) || code == msgpcode.Map16 || code == msgpcode.Map32:
		n, err := d.DecodeMapLen()
		if err != nil || n < 0 || n > left.Len() {
			return nil, errRef
		}
		for range 2 * n {
			if _, err := refValue(d, left); err != nil {
				return nil, err
			}
		}
		return other{}, nil
	}
	return other{}, d.Skip()
}

// refArray decodes the array that b begins with.
func refArray(b []byte) (list []any, rest int, err error) {
	r := bytes.NewReader(b)
	v, err := refValue(msgpack.NewDecoder(r), r)
	if err != nil {
		return nil, 0, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, 0, errRef
	}
	return list, r.Len(), nil
}

// fields takes the elements of an array one by one. A panic with errRef ends it.
type fields []any

func (f *fields) next() any {
	if len(*f) == 0 {
		panic(errRef)
	}
	v := (*f)[0]
	*f = (*f)[1:]
	return v
}

// absent reports whether an optional field is missing or nil, and takes the nil.
func (f *fields) absent() bool {
	return len(*f) == 0 || (*f)[0] == nil && f.next() == nil
}

func (f *fields) num(most uint64) uint64 {
	v, ok := f.next().(uint64)
	if !ok || v > most {
		panic(errRef)
	}
	return v
}

func (f *fields) bytes(least, most int) []byte {
	p, ok := f.next().([]byte)
	if !ok || len(p) < least || len(p) > most {
		panic(errRef)
	}
	return p
}

func (f *fields) truth() bool {
	v, ok := f.next().(bool)
	if !ok {
		panic(errRef)
	}
	return v
}

func (f *fields) list() fields {
	v, ok := f.next().([]any)
	if !ok {
		panic(errRef)
	}
	return v
}

func (f *fields) seq() swim.SeqNo { return swim.SeqNo(f.num(1<<32 - 1)) }

func (f *fields) stamp() swim.Stamp {
	g, b, i := f.num(1<<64-1), f.num(1<<64-1), f.num(1<<32-1)
	return swim.Stamp{
		Life:        swim.Life{Generation: swim.Generation(g), Boot: swim.Boot(b)},
		Incarnation: swim.Incarnation(i),
	}
}

func (f *fields) prints() swim.Prints {
	m, s := f.num(1<<64-1), f.num(1<<64-1)
	return swim.Prints{Members: m, State: s}
}

func (f *fields) addr() netip.AddrPort {
	p := f.bytes(6, 18)
	if len(p) != 6 && len(p) != 18 {
		panic(errRef)
	}
	ip, _ := netip.AddrFromSlice(p[:len(p)-2])
	port := binary.BigEndian.Uint16(p[len(p)-2:])
	if ip != ip.Unmap() || port == 0 {
		panic(errRef)
	}
	return netip.AddrPortFrom(ip, port)
}

func (f *fields) optional(most int) []byte {
	if f.absent() {
		return nil
	}
	return orNil(f.bytes(0, most))
}

// refuse turns the panic of a field into an error.
func refuse(err *error) {
	if p := recover(); p != nil {
		if p != errRef {
			panic(p)
		}
		*err = errRef
	}
}

// refMessage is what NextMessage should do.
func refMessage(b []byte) (m swim.Message, rest int, err error) {
	defer refuse(&err)
	if len(b) == 0 || !msgpcode.IsFixedArray(b[0]) {
		return m, 0, errRef
	}
	list, rest, err := refArray(b)
	if err != nil {
		return m, 0, err
	}
	f := fields(list)
	kind := f.num(1<<64 - 1)
	if kind == 0 || kind > 9 {
		return swim.Message{}, rest, nil
	}
	m.Kind = swim.Kind(kind)
	switch m.Kind {
	case swim.KindPing:
		m.Seq, m.Name = f.seq(), f.bytes(1, 255)
		if !f.absent() {
			m.Prints, m.Seen = f.prints(), swim.PrintsGiven
		}
		if !f.absent() {
			if v := f.num(1<<64 - 1); v < 128 {
				m.Period = uint8(v)
			}
		}
	case swim.KindPingReq:
		m.Seq, m.Name, m.Addr, m.WantNack = f.seq(), f.bytes(1, 255), f.addr(), f.truth()
		m.Wait = time.Duration(min(f.num(1<<64-1), 65535)) * time.Millisecond
	case swim.KindAck:
		m.Seq = f.seq()
		if len(f) == 0 {
			m.Seen = swim.PrintsSame
		} else if !f.absent() {
			m.Prints, m.Seen = f.prints(), swim.PrintsGiven
		}
	case swim.KindNack, swim.KindLeaveAck:
		m.Seq = f.seq()
	case swim.KindAlive:
		m.Name, m.Stamp, m.Addr, m.Meta = f.bytes(1, 255), f.stamp(), f.addr(), f.optional(512)
	case swim.KindSuspect:
		m.Name, m.Stamp, m.From = f.bytes(1, 255), f.stamp(), f.bytes(1, 255)
	case swim.KindDead:
		m.Name, m.Stamp = f.bytes(1, 255), f.stamp()
		m.From = m.Name
		if !f.absent() {
			m.From = f.bytes(1, 255)
		}
	case swim.KindRumour:
		m.Body = f.bytes(1, 65535)
	}
	return m, rest, nil
}

func (f fields) claim() swim.Claim {
	c := swim.Claim{State: swim.State(f.num(3)), Name: string(f.bytes(1, 255))}
	c.Stamp, c.Addr, c.Meta = f.stamp(), f.addr(), f.optional(512)
	if c.State == swim.Suspect || c.State == swim.Dead {
		c.From = string(f.bytes(1, 255))
	}
	return c
}

func (f *fields) claims() (claims []swim.Claim) {
	for l := f.list(); len(l) > 0; {
		claims = append(claims, l.list().claim())
	}
	return claims
}

func (f *fields) self() swim.Claim {
	c := f.list().claim()
	if c.State == swim.Suspect || c.State == swim.Dead {
		panic(errRef)
	}
	return c
}

// refFrame is what ParseFrame should do.
func refFrame(b []byte) (frame swim.Frame, err error) {
	defer refuse(&err)
	list, rest, err := refArray(b)
	if err != nil || rest != 0 {
		return frame, errRef
	}
	f := fields(list)
	frame.Kind = swim.FrameKind(f.num(6))
	switch frame.Kind {
	case swim.FrameOpen:
		frame.ClusterID, frame.Version = string(f.bytes(0, 255)), string(f.bytes(0, 255))
		frame.Join, frame.Self, frame.Prints = f.truth(), f.self(), f.prints()
		for l := f.list(); len(l) > 0; {
			frame.Buckets = append(frame.Buckets, l.num(1<<64-1))
		}
		switch len(frame.Buckets) {
		case 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096:
		default:
			panic(errRef)
		}
	case swim.FrameDigest:
		frame.Self, frame.Prints = f.self(), f.prints()
		for l, last := f.list(), -1; len(l) > 0; {
			i := l.num(4095)
			if int(i) <= last {
				panic(errRef)
			}
			last = int(i)
			frame.Differ = append(frame.Differ, uint32(i))
		}
		for l := f.list(); len(l) > 0; {
			row := l.list()
			frame.Rows = append(frame.Rows, swim.Row{
				Name: string(row.bytes(1, 255)), Stamp: row.stamp(), Digest: row.optional(64),
			})
		}
		frame.Claims = f.claims()
	case swim.FrameDelta:
		frame.Self = f.self()
		frame.Claims = f.claims()
		for l := f.list(); len(l) > 0; {
			frame.Deltas = append(frame.Deltas, l.bytes(1, 1<<31-1))
		}
		for l := f.list(); len(l) > 0; {
			want := l.list()
			frame.Wants = append(frame.Wants, swim.Want{Name: string(want.bytes(1, 255)), Digest: want.optional(64)})
		}
	case swim.FrameRefuse:
		frame.Refusal.Reason = swim.RefusalReason(f.num(255))
		if frame.Refusal.Reason == 0 {
			panic(errRef)
		}
		frame.Refusal.Ours, frame.Refusal.Theirs = string(f.bytes(0, 255)), string(f.bytes(0, 255))
		frame.Refusal.Name = string(f.bytes(0, 255))
	case swim.FramePing:
		frame.ClusterID, frame.Seq, frame.Name = string(f.bytes(0, 255)), f.seq(), string(f.bytes(1, 255))
	case swim.FrameAck:
		frame.Seq = f.seq()
	default:
		panic(errRef)
	}
	return frame, nil
}

func TestTheReferenceIsStrictWhereItsLibraryIsNot(t *testing.T) {
	for _, b := range [][]byte{
		{0x92, 0x04, mpack.Nil},                       // a seq of nil
		{0x92, 0x04, 0xff},                            // of -1
		{0x92, 0x04, mpack.Int8, 0x80},                // of -128
		{0x92, 0x04, mpack.Float32, 0x3f, 0x80, 0, 0}, // of 1.0
	} {
		if _, _, err := refMessage(b); err == nil {
			t.Errorf("% x is accepted", b)
		}
	}
}
