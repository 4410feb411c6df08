package swim_test

import (
	"bytes"
	"math"
	"math/rand/v2"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestARecordSaysWhatTheClaimSaid(t *testing.T) {
	v4 := netip.MustParseAddrPort("10.1.2.3:7946")
	for _, c := range []struct {
		claim swim.Claim
		size  int
	}{
		{swim.Claim{Name: "a", Addr: v4}, 17 + 1},
		{swim.Claim{Name: "node000001", Addr: v4, Meta: make([]byte, 32), Stamp: swim.Stamp{
			Life: swim.Life{Generation: 1, Boot: epoch}, Incarnation: 1}}, 17 + 10 + 32},
		{swim.Claim{Name: "near", Addr: v4, Stamp: swim.Stamp{Life: swim.Life{Boot: 1<<48 - 2}}}, 17 + 4},
		{swim.Claim{Name: "far", Addr: v4, Stamp: swim.Stamp{Life: swim.Life{Boot: 1<<48 - 1}}}, 17 + 3 + 8},
		{swim.Claim{Name: "six", Addr: netip.MustParseAddrPort("[fe80::1]:1")}, 29 + 3},
		{swim.Claim{Name: "zone", Addr: netip.MustParseAddrPort("[fe80::1%eth0]:1")}, 29 + 4 + 5},
		{swim.Claim{Name: "mapped", Addr: netip.MustParseAddrPort("[::ffff:10.0.0.1]:65535")}, 29 + 6},
		{swim.Claim{Name: "nowhere"}, 13 + 7},
		{swim.Claim{Name: string(bytes.Repeat([]byte("x"), swim.MaxNameLen)), Addr: v4, Meta: make([]byte, swim.MaxMetaLen),
			Stamp: swim.Stamp{Life: swim.Life{Generation: math.MaxUint64, Boot: math.MaxUint64}, Incarnation: math.MaxUint32}},
			17 + 255 + 8 + 9 + 4 + 2}, // what a long meta shares with itself is not there
	} {
		got, size := swim.RecordOf(c.claim)
		if got.Name != c.claim.Name || got.Addr != c.claim.Addr || got.Stamp != c.claim.Stamp ||
			!bytes.Equal(got.Meta, c.claim.Meta) || size != c.size {
			t.Errorf("%+v became %+v, %d bytes, want %d", c.claim, got, size, c.size)
		}
	}
}

// Metas that begin alike, as those of gob do, are there but for what they share, also when
// records of the past have been let go and the rest has moved.
func TestWhatLongMetasBeginWithIsKeptOnce(t *testing.T) {
	s := newSolo(t, trusting)
	p := s.meet(40)
	description := bytes.Repeat([]byte("type"), 40)
	for round := range 20 {
		for i := range p {
			q := &p[i]
			q.stamp.Incarnation++
			q.meta = append(bytes.Clone(description), q.name...)
			if i%8 == 7 {
				q.meta = append([]byte("another"), q.meta...)
			}
			if i%8 == 3 {
				q.meta = q.meta[:round]
			}
			s.hear(q.addr, q.alive())
		}
		for _, q := range p {
			if m, ok := s.core.Member(q.name); !ok || m.Stamp != q.stamp || !bytes.Equal(m.Meta, q.meta) {
				t.Fatalf("%s is held as %+v, want %+v", q.name, m, q)
			}
		}
	}
	if size, wasted := s.core.RecordBytes(); size-wasted > 40*64+5*len(description) {
		t.Errorf("%d bytes of records are in use", size-wasted)
	}
}

// However often members say something new, at most half of the records are of the past.
func TestRecordsOfThePastAreLetGo(t *testing.T) {
	s := newSolo(t, trusting)
	p := s.meet(40)
	names := map[string]bool{}
	for i := range 3000 {
		q := &p[i%len(p)]
		q.stamp.Incarnation++
		q.meta = bytes.Repeat([]byte{byte(i)}, i%60)
		s.hear(q.addr, q.alive())
		names[s.events[len(s.events)-1].Name] = true
	}
	size, wasted := s.core.RecordBytes()
	live := 0
	for m := range s.core.Members() {
		_, n := swim.RecordOf(swim.Claim{Name: m.Name, Addr: m.Addr, Stamp: m.Stamp, Meta: m.Meta})
		live += n
	}
	if size-wasted != live || size > 2*live+1024 {
		t.Errorf("%d bytes of records, %d wasted, %d in use", size, wasted, live)
	}
	for _, q := range p {
		if m, ok := s.core.Member(q.name); !ok || m.Stamp != q.stamp || !bytes.Equal(m.Meta, q.meta) || !names[q.name] {
			t.Fatalf("%s is held as %+v, want %+v", q.name, m, q)
		}
	}
}

// Cores that share records act as if they did not, and hold what is the same once.
func TestCoresThatShareRecordsActAsOthersDo(t *testing.T) {
	shared := swim.NewRecords()
	run := func(records *swim.Records, seed uint64) (*swim.Core, []byte) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := newSolo(t, func(cfg *swim.Config) { cfg.Records = records })
		names, addrs := []string{"m0", "m1", "m2"}, []netip.AddrPort{s.addr, stranger}
		for i := range 6 {
			names, addrs = append(names, newPeer(i).name), append(addrs, newPeer(i).addr)
		}
		for range 200 {
			s.now += time.Duration(r.IntN(100)) * time.Millisecond
			s.hear(addrs[r.IntN(len(addrs))], hostileMessage(r, names, addrs))
			s.advance(0)
		}
		return s.core, s.core.AppendCanonical(nil, s.now)
	}
	for seed := range uint64(5) {
		_, alone := run(nil, seed)
		_, one := run(shared, seed)
		size, _ := func() (int, int) { c, _ := run(shared, seed); return c.RecordBytes() }()
		_, other := run(shared, seed)
		if !bytes.Equal(alone, one) || !bytes.Equal(one, other) {
			t.Fatalf("seed %d: the state depends on who shares records", seed)
		}
		if c, _ := run(shared, seed); size != first(c.RecordBytes()) {
			t.Errorf("seed %d: the same records are held twice", seed)
		}
	}
}

func first(a, _ int) int { return a }

// Only what is not simply alive, or is news, costs more than a row.
func TestACalmMemberIsARowAndNothingElse(t *testing.T) {
	s := newSolo(t, quiet)
	p := s.meet(3)
	is := func(name string, trouble, news bool) {
		t.Helper()
		if x, n := s.core.Troubled(name); x != trouble || n != news {
			t.Errorf("%s: trouble %v, news %v; want %v, %v", name, x, n, trouble, news)
		}
	}
	is("m0", false, true)
	for s.core.Stats().QueuedClaims > 0 {
		s.hear(p[0].addr, swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self")})
	}
	is("m0", false, false)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	is("m0", true, true)
	p[0].stamp.Incarnation++
	s.hear(p[0].addr, p[0].alive())
	is("m0", false, true)
	s.hear(p[1].addr, p[2].claim(swim.Left, ""))
	is("m2", true, true)
}

func TestARoundTripIsKeptToATwentiethOfAPercent(t *testing.T) {
	for d := time.Microsecond; d < 40*24*time.Hour; d += d/100 + time.Microsecond {
		got, want := swim.RoundTripKept(d), d.Truncate(time.Microsecond)
		if off := (got - want).Abs(); off > want/2000 || d < 2048*time.Microsecond && off > 0 {
			t.Fatalf("%v is kept as %v", want, got)
		}
	}
	if got := swim.RoundTripKept(math.MaxInt64); got < 50*24*time.Hour || swim.RoundTripKept(-1) != 0 {
		t.Errorf("the longest is kept as %v, less than nothing as %v", got, swim.RoundTripKept(-1))
	}
}
