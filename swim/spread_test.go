package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// The first sends of everyone: k to everybody, and few hops from anybody to all.
func TestTheGraphOfGossipReachesAllAndFavoursNobody(t *testing.T) {
	for _, k := range []int{2, 3, 4, 5} {
		for n := k + 2; n <= 700; n += 1 + n/9 {
			most := 1
			for reach := 1; reach < n; reach *= k {
				most++ // ⌈log_k n⌉ + 1
			}
			copies, next := make([]int, n), make([][]int, n)
			for i := range n {
				for s := range k {
					at := (swim.Riffle(i, n, k) + s) % n
					copies[at]++
					next[i] = append(next[i], at)
				}
			}
			for i, got := range copies {
				if got != k {
					t.Fatalf("%d members, %d sends of each: place %d gets %d", n, k, i, got)
				}
			}
			for from := range n {
				if got := hops(next, from); got > most {
					t.Fatalf("%d members, %d sends of each: %d hops from place %d, want at most %d", n, k, got, from, most)
				}
			}
		}
	}
}

// hops is how many it takes until all are reached from a place; more than all if never.
func hops(next [][]int, from int) int {
	seen, level, reached := make([]bool, len(next)), []int{from}, 1
	seen[from] = true
	for n := range next {
		if reached == len(next) {
			return n
		}
		var beyond []int
		for _, i := range level {
			for _, j := range next[i] {
				if !seen[j] {
					seen[j] = true
					reached++
					beyond = append(beyond, j)
				}
			}
		}
		level = beyond
	}
	return len(next) + 1
}

// chatty has gossip and the ring, and sends nothing else meanwhile.
func chatty(cfg *swim.Config) {
	cfg.ProbeInterval, cfg.PushPullInterval, cfg.HealInterval = time.Hour, swim.Off, swim.Off
}

// tellsOf plays a solo that hears of p[1], and copies of that from others after its first
// round. It returns how often it has sent it.
func tellsOf(t *testing.T, copies int, news func(peer) swim.Message, tune func(*swim.Config)) (sends int) {
	t.Helper()
	s := newSolo(t, func(cfg *swim.Config) { chatty(cfg); tune(cfg) })
	p := s.meet(20)
	s.advance(10 * time.Second)
	s.sent()
	p[1].stamp.Incarnation++
	msg := news(p[1])
	s.hear(p[0].addr, msg)
	s.advance(time.Millisecond)
	count := func() {
		for _, d := range s.sent() {
			for _, m := range d.msgs {
				if m.Kind == msg.Kind && string(m.Name) == p[1].name {
					sends++
				}
			}
		}
	}
	count()
	for i := range copies {
		s.hear(p[2+i].addr, msg)
	}
	s.advance(3 * time.Second)
	count()
	return sends
}

func TestACopyThatIsHeardCountsLikeOneThatIsSent(t *testing.T) {
	alive := func(p peer) swim.Message { return p.alive() }
	plain := func(*swim.Config) {}
	const limit = 8 // of 21 members
	for _, c := range []struct{ copies, want int }{
		{0, limit - 1}, {1, limit - 2}, {3, limit - 4}, {4, 3}, {9, 3}, // a whole round at least
	} {
		if got := tellsOf(t, c.copies, alive, plain); got != c.want {
			t.Errorf("with %d copies from others: %d sends, want %d", c.copies, got, c.want)
		}
		blind := func(cfg *swim.Config) { cfg.Rules.BlindGossip = true }
		if got := tellsOf(t, c.copies, alive, blind); got != limit {
			t.Errorf("blind, with %d copies from others: %d sends, want %d", c.copies, got, limit)
		}
		shuffled := func(cfg *swim.Config) { cfg.NoCoordinatedProbing = true }
		if got := tellsOf(t, c.copies, alive, shuffled); got != limit {
			t.Errorf("without a ring, with %d copies from others: %d sends, want %d", c.copies, got, limit)
		}
	}
}

func TestASuspicionIsSentItsFullCountWhateverIsHeard(t *testing.T) {
	suspect := func(p peer) swim.Message {
		return swim.Message{Kind: swim.KindSuspect, Name: []byte(p.name), Stamp: p.stamp, From: []byte("m0")}
	}
	if got := tellsOf(t, 6, suspect, func(*swim.Config) {}); got != 8 {
		t.Errorf("%d sends, want 8", got)
	}
}

func TestADepartureThatIsHeardAgainNeedsFewerSends(t *testing.T) {
	left := func(p peer) swim.Message {
		return swim.Message{Kind: swim.KindDead, Name: []byte(p.name), Stamp: p.stamp, From: []byte(p.name)}
	}
	if got := tellsOf(t, 6, left, func(*swim.Config) {}); got != 3 {
		t.Errorf("%d sends, want 3", got)
	}
}

func TestTheFirstRoundOfEveryoneReachesEverybody(t *testing.T) {
	cl := newCluster(t, 3)
	ps := cl.start(40, nil)
	cl.until(time.Minute, "formed", cl.agreed)
	cl.run(30 * time.Second)
	for i := range 10 {
		cl.input(ps[i], func() {
			if err := ps[i].core.SetMeta(cl.now, []byte{byte(i)}); err != nil {
				t.Fatal(err)
			}
		})
		cl.run(20 * time.Millisecond) // hops of a millisecond or so, and no second round
		for _, p := range ps {
			if m, ok := p.core.Member(ps[i].name); p != ps[i] && (!ok || len(m.Meta) != 1 || m.Meta[0] != byte(i)) {
				t.Errorf("%s has not heard of update %d", p.name, i)
			}
		}
		cl.run(5 * time.Second)
	}
}

func TestARefutationIsSentItsFullCountWhateverIsHeard(t *testing.T) {
	s := newSolo(t, chatty)
	p := s.meet(20)
	s.advance(10 * time.Second)
	s.hear(p[0].addr, swim.Message{Kind: swim.KindSuspect, Name: []byte(p[1].name), Stamp: p[1].stamp, From: []byte(p[0].name)})
	p[1].stamp.Incarnation++
	s.advance(time.Millisecond)
	s.sent()
	for i := range 10 {
		s.hear(p[2+i].addr, p[1].alive())
	}
	s.advance(3 * time.Second)
	sends := 0
	for _, d := range s.sent() {
		if m, ok := d.has(swim.KindAlive); ok && string(m.Name) == p[1].name {
			sends++
		}
	}
	if sends != 8 {
		t.Errorf("%d sends, want 8", sends)
	}
}
