package wirev1

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/nekton-go/nekton/swim"
)

// tableOf is a push-pull of these rows.
func tableOf(rows []swim.TableRow) swim.Table {
	return swim.Table{Len: len(rows), Rows: func(yield func(*swim.TableRow) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}}
}

// rowsOf are the rows of a push-pull, which alias it.
func rowsOf(f *swim.Frame) []swim.TableRow {
	rows := make([]swim.TableRow, 0, f.Table.Len)
	if f.Table.Rows != nil {
		for row := range f.Table.Rows {
			rows = append(rows, *row)
		}
	}
	return rows
}

// sameFrame compares frames, and their tables row by row.
func sameFrame(a, b *swim.Frame) bool {
	rows, others, f, g := rowsOf(a), rowsOf(b), *a, *b
	f.Table.Rows, g.Table.Rows = nil, nil
	return len(rows) == f.Table.Len && reflect.DeepEqual(rows, others) && reflect.DeepEqual(f, g)
}

// tableRows are the records of n members.
func tableRows(n int) []swim.TableRow {
	rows := make([]swim.TableRow, n)
	for i, m := range gossip(n) {
		rows[i] = swim.TableRow{
			State: swim.State(i % 4), Name: m.Name, Addr: m.Addr, Stamp: m.Stamp, Versions: m.Versions,
			Meta: []byte("some meta of a member"),
		}
		if i%3 == 0 {
			rows[i].Addr = netip.AddrPortFrom(netip.AddrFrom16(m.Addr.Addr().As16()), 7946)
		}
	}
	return rows
}

// table is one side of a push-pull among n members.
func table(n, state int) *swim.Frame {
	return &swim.Frame{Kind: swim.FrameTable, Table: tableOf(tableRows(n)), State: bytes.Repeat([]byte("s"), state)}
}

func TestAPushPullComesBackAsItWas(t *testing.T) {
	c := newCodec(t)
	for _, n := range []int{0, 1, 127, 128, 300, 40000} {
		for _, state := range []int{0, 127, 128, 32768} {
			want := table(n, state)
			want.Join = n%2 == 1
			b := c.AppendFrame([]byte("before"), want)[6:]
			got, err := c.ParseFrame(append(b, "behind"...))
			if err != nil || !sameFrame(got, want) || !sameFrame(got, want) {
				t.Fatalf("%d members, %d bytes of state: %v", n, state, err)
			}
			for range got.Table.Rows {
				break // a loop may end early
			}
		}
	}
}

// What has arrived is not copied, however many members it tells of.
func TestATableTakesNoMemoryBesideItsBytes(t *testing.T) {
	c := newCodec(t)
	b := c.AppendFrame(nil, table(3000, 3000))
	var f *swim.Frame
	allocated := testing.AllocsPerRun(10, func() {
		var err error
		if f, err = c.ParseFrame(b); err != nil {
			t.Fatal(err)
		}
		n := 0
		for row := range f.Table.Rows {
			n += len(row.Name)
		}
		if n == 0 || f.Table.Len != 3000 {
			t.Fatalf("%d rows", f.Table.Len)
		}
	})
	if allocated > 6 {
		t.Errorf("%v allocations", allocated)
	}
	room := make([]byte, 0, len(b))
	if allocated := testing.AllocsPerRun(10, func() { room = c.AppendFrame(room[:0], f) }); allocated > 6 {
		t.Errorf("%v allocations to write what was read", allocated)
	}
}

// One odd record must not keep the others from us.
func TestARecordThatNoMemberCanHaveIsLeftOut(t *testing.T) {
	c := newCodec(t)
	for name, spoil := range map[string]func(row *swim.TableRow){
		"no name":        func(row *swim.TableRow) { row.Name = nil },
		"a long name":    func(row *swim.TableRow) { row.Name = bytes.Repeat([]byte("x"), 256) },
		"no address":     func(row *swim.TableRow) { row.Addr = netip.AddrPort{} },
		"too much meta":  func(row *swim.TableRow) { row.Meta = make([]byte, 513) },
		"a fifth state":  func(row *swim.TableRow) { row.State = 4 },
		"a state of 200": func(row *swim.TableRow) { row.State = 200 },
	} {
		rows := tableRows(3)
		spoil(&rows[1])
		got, err := c.ParseFrame(c.AppendFrame(nil, &swim.Frame{Kind: swim.FrameTable, Table: tableOf(rows), State: []byte("state")}))
		if err != nil || got.Skipped != 1 || got.Table.Len != 2 || string(got.State) != "state" ||
			!reflect.DeepEqual(rowsOf(got), []swim.TableRow{rows[0], rows[2]}) {
			t.Errorf("%s: %v, %+v", name, err, got)
		}
	}
}

func TestPortZeroIsWhereWeAreBound(t *testing.T) {
	c, err := New(Config{Name: "a", Addr: netip.MustParseAddrPort("10.0.0.7:9002"), BindPort: 7})
	if err != nil {
		t.Fatal(err)
	}
	at := netip.MustParseAddrPort("10.0.0.8:0")
	for _, kind := range []swim.Kind{swim.KindAlive, swim.KindPingReq} {
		all, _ := messagesOf(t, c, packetOf(c, swim.Message{Kind: kind, Name: []byte("b"), Addr: at}))
		if all[0] == nil || all[0].Addr != netip.MustParseAddrPort("10.0.0.8:7") {
			t.Errorf("%v: %+v", kind, all[0])
		}
	}
	f, err := c.ParseFrame(c.AppendFrame(nil, &swim.Frame{Kind: swim.FrameTable, Table: tableOf([]swim.TableRow{{Name: []byte("b"), Addr: at}})}))
	if err != nil || rowsOf(f)[0].Addr != netip.MustParseAddrPort("10.0.0.8:7") {
		t.Errorf("%+v, %v", f, err)
	}
	if c := newCodec(t); c.bindPort != 9002 {
		t.Errorf("bound to %d", c.bindPort)
	}
}

func TestAFrameThatIsMalformedSaysWhere(t *testing.T) {
	c := newCodec(t)
	whole := c.AppendFrame(nil, table(2, 3))
	for n := range whole {
		if _, err := c.ParseFrame(whole[:n]); !errors.Is(err, swim.ErrMalformed) {
			t.Fatalf("%d of %d bytes: %v", n, len(whole), err)
		}
	}
	for hex, want := range map[string]string{
		"04":                            "malformed: message of type 4 on a stream",
		"0a 00000000":                   "malformed: message of type 10 on a stream",
		"06 07":                         "malformed: unknown field at byte 1 of 2: neither a map nor an array",
		"06 81 a54e6f646573 ff":         "malformed: Nodes at byte 9 of 9: negative",
		"06 81 a54e6f646573 d2100001":   "malformed: Nodes at byte 8 of 12: cut off",
		"06 81 a54e6f646573 ce00100001": "malformed: Nodes at byte 13 of 13: too large",
		"06 81 ac5573657253746174654c656e ce01400001":   "malformed: UserStateLen at byte 20 of 20: too large",
		"06 81 ac5573657253746174654c656e 01":           "malformed: UserStateLen at byte 16 of 16: cut off",
		"06 81 a54e6f646573 02 80":                      "malformed: unknown field at byte 10 of 10: cut off",
		"06 91 01 81 a4506f7274 ce00010000":             "malformed: Port at byte 14 of 14: too large",
		"06 91 01 81 ab496e6361726e6174696f6e ff":       "malformed: Incarnation at byte 17 of 17: negative",
		"06 91 01 81 ab496e6361726e6174696f6e ca000000": "malformed: Incarnation at byte 16 of 20: not an unsigned integer",
		"08 91 05 61": "malformed: UserMsgLen at byte 3 of 4: cut off",
		"0d 91 c3":    "malformed: Error at byte 2 of 3: neither a string nor bytes",
	} {
		_, err := c.ParseFrame(unhex(hex))
		if err == nil || err.Error() != want || !errors.Is(err, swim.ErrMalformed) {
			t.Errorf("%s: %v, want %s", hex, err, want)
		}
	}
}

func TestAMessageOfAStreamIsReadAndNothingBehindItWaitedFor(t *testing.T) {
	c := newCodec(t)
	messages := [][]byte{c.AppendFrame(nil, table(50, 5000)), c.AppendFrame(nil, table(0, 0)), AppendCompressed(nil, c.AppendFrame(nil, table(500, 100)))}
	for _, v := range readVectors(t) {
		if strings.HasPrefix(v.direction, "stream") {
			b, _ := peel(t, v.bytes, v.decoded)
			messages = append(messages, b)
		}
	}
	for _, want := range messages {
		for size, reader := range map[int]func(io.Reader) io.Reader{16: iotest.OneByteReader, 17: iotest.HalfReader, 4096: iotest.DataErrReader} {
			got, err := ReadMessage(nil, bufio.NewReaderSize(reader(strings.NewReader(string(want)+"behind")), size), len(want))
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("read %d bytes of %d: %v", len(got), len(want), err)
			}
			waits := io.MultiReader(bytes.NewReader(want), iotest.ErrReader(errors.New("it waits")))
			if got, err := ReadMessage(nil, bufio.NewReaderSize(waits, size), 0); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("read %d bytes of %d: %v", len(got), len(want), err)
			}
			if _, err := ReadMessage(nil, bufio.NewReaderSize(bytes.NewReader(want), size), len(want)-1); !errors.Is(err, swim.ErrMalformed) {
				t.Fatalf("%d bytes within a limit of one less: %v", len(want), err)
			}
			for _, n := range []int{1, len(want) / 2, len(want) - 1} {
				if _, err := ReadMessage(nil, bufio.NewReaderSize(bytes.NewReader(want[:n]), size), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Fatalf("%d of %d bytes: %v", n, len(want), err)
				}
			}
		}
	}
	if _, err := ReadMessage(nil, bufio.NewReader(strings.NewReader("")), 0); err != io.EOF {
		t.Errorf("an empty stream: %v", err)
	}
	if _, err := ReadMessage(nil, bufio.NewReader(iotest.ErrReader(io.ErrClosedPipe)), 0); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a broken stream: %v", err)
	}
}

// endless is a stream that goes on with the same byte.
type endless struct {
	head []byte
	next byte
	read int
}

func (e *endless) Read(p []byte) (int, error) {
	if n := copy(p, e.head); n > 0 {
		e.head = e.head[n:]
		e.read += n
		return n, nil
	}
	for i := range p {
		p[i] = e.next
	}
	e.read += len(p)
	return len(p), nil
}

func TestAHostileStreamIsGivenUpEarly(t *testing.T) {
	const limit = 1 << 20
	for name, tc := range map[string]struct {
		head string
		next byte
		most int // bytes that may be read
	}{
		"another type":            {"f4", 0, 4096},
		"no value":                {"00 c1", 0, 4096},
		"arrays without end":      {"00 81 a161", 0x91, limit + 4096},
		"a map of everything":     {"00 df ffffffff", 0, 4096},
		"maps of everything":      {"00 81 a161 df", 0xdf, 8192},
		"a text of 4 GiB":         {"00 81 a44e6f6465 dbffffffff", 'x', 4096},
		"too many members":        {"06 93 ce00100001 00 00", 0x80, 4096},
		"members without a limit": {"06 93 ce00100000 00 00", 0x80, 4096 + limit},
		"too much state":          {"06 93 00 ce01400001 00", 'x', 4096},
		"state above the limit":   {"06 93 00 ce00100000 00", 'x', 4096},
		"a negative state":        {"06 93 00 ff 00", 'x', 4096},
		"a long message":          {"08 91 ce01400001", 'x', 4096},
	} {
		stream := &endless{head: unhex(tc.head), next: tc.next}
		b, err := ReadMessage(nil, bufio.NewReader(stream), limit)
		if !errors.Is(err, swim.ErrMalformed) || stream.read > tc.most {
			t.Errorf("%s: %d bytes read, %d returned, %v", name, stream.read, len(b), err)
		}
	}
}

// A message may promise what it likes: memory is given for what has arrived.
func TestAPromiseIsWorthWhatHasArrived(t *testing.T) {
	rows := newCodec(t).AppendFrame(nil, table(500, 0))
	many := append(unhex("06 93 ce000fffff 00 c2"), rows[bytes.Index(rows, []byte("\x87\xa4Addr")):]...)
	for name, b := range map[string][]byte{
		"a text of 39 MiB":    append(unhex("09 81 a3427566 db02700000"), make([]byte, 5000)...),
		"20 MiB of state":     append(unhex("06 93 00 ce01400000 c2"), make([]byte, 5000)...),
		"a million members":   many,
		"arrays, one by one":  append(unhex("00 81 a161"), bytes.Repeat([]byte{0x91}, 5000)...),
		"an array of 10 Mi":   append(unhex("00 81 a161 dd00a00000"), make([]byte, 5000)...),
		"20 MiB for somebody": append(unhex("08 91 ce01400000"), make([]byte, 5000)...),
	} {
		r := bufio.NewReader(bytes.NewReader(b))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := ReadMessage(nil, r, 0)
		runtime.ReadMemStats(&after)
		if !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", name, err)
		}
		// Each room is larger than the one before, by a quarter at least.
		if allocated := after.TotalAlloc - before.TotalAlloc; allocated > uint64(3*maxGrowth*len(b)) {
			t.Errorf("%s: %d bytes arrive, %d are allocated", name, len(b), allocated)
		}
	}
}

func BenchmarkPushPull(b *testing.B) {
	for _, n := range []int{1000, 10000} {
		c := newCodec(b)
		f := table(n, 0)
		packed := c.AppendFrame(nil, f)
		b.Run(fmt.Sprintf("encode/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst = c.AppendFrame(dst[:0], f)
			}
			b.ReportMetric(float64(len(dst)), "wire-B/op")
		})
		b.Run(fmt.Sprintf("decode/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.ParseFrame(packed); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("read/members=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadMessage(nil, bufio.NewReaderSize(bytes.NewReader(packed), 64<<10), 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
