package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Bare inputs and outputs, in milliseconds, at a protocol period of one second.
// The left half are α 4, β 6, K 2, memberlist's LAN; the right half α 5, β 6, K 3,
// those of the Lifeguard paper (§V).
func TestSuspicionTimeoutsAreThoseOfThePapers(t *testing.T) {
	for _, row := range []struct {
		n          int
		memberlist [3]int
		paper      [4]int
	}{
		{3, [3]int{24000, 11381, 4000}, [4]int{30000, 17500, 10188, 5000}},
		{10, [3]int{24000, 11381, 4000}, [4]int{30000, 17500, 10188, 5000}},
		{16, [3]int{28899, 13705, 4816}, [4]int{36124, 21072, 12268, 6021}},
		{32, [3]int{36124, 17131, 6021}, [4]int{45154, 26340, 15334, 7526}},
		{64, [3]int{43348, 20557, 7225}, [4]int{54185, 31608, 18401, 9031}},
		{128, [3]int{50573, 23983, 8429}, [4]int{63216, 36876, 21468, 10536}},
		{256, [3]int{57798, 27409, 9633}, [4]int{72247, 42144, 24535, 12041}},
		{512, [3]int{65022, 30835, 10837}, [4]int{81278, 47412, 27602, 13546}},
		{1024, [3]int{72247, 34261, 12041}, [4]int{90309, 52680, 30669, 15051}},
		{4096, [3]int{86697, 41114, 14449}, [4]int{108371, 63216, 36803, 18062}},
		{10000, [3]int{96000, 45526, 16000}, [4]int{120000, 70000, 40752, 20000}},
		{16384, [3]int{101146, 47966, 16858}, [4]int{126433, 73752, 42936, 21072}},
	} {
		check := func(mult, need, c, want int) {
			t.Helper()
			got := swim.SuspicionTimeout(mult, 6, row.n, time.Second, c, need)
			if want := time.Duration(want) * time.Millisecond; got != want {
				t.Errorf("α %d, n %d, C %d of %d: %v, want %v", mult, row.n, c, need, got, want)
			}
		}
		for c, want := range row.memberlist {
			check(4, 2, c, want)
		}
		for c, want := range row.paper {
			check(5, 3, c, want)
		}
	}
}

func TestASuspicionWithoutConfirmersLastsTheMinimum(t *testing.T) {
	for _, need := range []int{0, -1} {
		if got := swim.SuspicionTimeout(4, 6, 2, time.Second, 0, need); got != 4*time.Second {
			t.Errorf("K %d: %v, want 4s", need, got)
		}
	}
}

func TestMoreConfirmationsThanNeededDoNotGoBelowTheMinimum(t *testing.T) {
	if got := swim.SuspicionTimeout(5, 6, 10, time.Second, 9, 3); got != 5*time.Second {
		t.Errorf("%v, want 5s", got)
	}
}

// failsAfter lets m0 be suspected, confirmed by accusers at their times, and
// returns how long after the first it is declared dead.
func failsAfter(t *testing.T, members int, adjust func(*swim.Config), accusers ...time.Duration) time.Duration {
	t.Helper()
	s := newSolo(t, func(cfg *swim.Config) {
		cfg.ProbeInterval = time.Hour // only the accusations count
		cfg.ProbeTimeout = time.Second
		cfg.GossipToTheDead = swim.Off
		if adjust != nil {
			adjust(cfg)
		}
	})
	peers := s.meet(members - 1)
	s.advance(time.Millisecond)
	start := s.now
	for i, at := range accusers {
		s.advanceByDeadlines(start + at)
		accuser := peers[1+i%(len(peers)-1)]
		s.hear(accuser.addr, peers[0].claim(swim.Suspect, accuser.name))
	}
	for s.state("m0") == swim.Suspect {
		at, ok := s.core.NextDeadline()
		if !ok {
			t.Fatal("a suspect without a deadline")
		}
		s.advanceByDeadlines(at)
	}
	return s.now - start
}

func TestConfirmationsShortenASuspicionThatIsUnderWay(t *testing.T) {
	const day = time.Hour * 24 // α max(1, log10 n) = 4 periods of an hour; β makes it a day
	for _, c := range []struct {
		what     string
		members  int
		accusers []time.Duration
		want     time.Duration
	}{
		{"nobody confirms", 10, []time.Duration{0}, day},
		{"one of K = 3", 10, []time.Duration{0, time.Minute}, 14 * time.Hour},
		{"three of K = 3", 10, []time.Duration{0, time.Minute, time.Minute, time.Minute}, 4 * time.Hour},
		{"a fifth accuser changes nothing", 10, []time.Duration{0, 1, 2, 3, 4}, 4 * time.Hour},
		{"K is at most n-2", 4, []time.Duration{0, time.Minute}, swim.SuspicionTimeout(4, 6, 4, time.Hour, 1, 2)},
		{"a confirmation later than the new timeout fires at once", 10, []time.Duration{0, 15 * time.Hour}, 15 * time.Hour},
	} {
		if got := failsAfter(t, c.members, nil, c.accusers...); got != c.want {
			t.Errorf("%s: dead after %v, want %v", c.what, got, c.want)
		}
	}
}

func TestTheSameAccuserConfirmsOnlyOnce(t *testing.T) {
	// With three members besides us there are two accusers; the third accusation
	// comes from the first of them again.
	got := failsAfter(t, 4, nil, 0, 0, 0, 0)
	if want := swim.SuspicionTimeout(4, 6, 4, time.Hour, 1, 2); got != want {
		t.Errorf("dead after %v, want %v", got, want)
	}
}

func TestAnAccuserThatIsItselfSuspectedDoesNotConfirm(t *testing.T) {
	s := newSolo(t, nil)
	p := s.meet(6)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	s.hear(p[3].addr, p[2].claim(swim.Suspect, "m3")) // m2 is suspected
	s.hear(p[3].addr, p[0].claim(swim.Suspect, "m2"))
	s.hear(p[3].addr, p[0].claim(swim.Suspect, "nobody"))
	if got := s.core.Stats().Confirmations; got != 0 {
		t.Errorf("%d confirmations, want none", got)
	}
	s.hear(p[3].addr, p[0].claim(swim.Suspect, "m3"))
	if got := s.core.Stats().Confirmations; got != 1 {
		t.Errorf("%d confirmations, want 1", got)
	}
}

func TestASuspicionAtAHigherIncarnationHasItsOwnClock(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { cfg.ProbeInterval = time.Hour; cfg.ProbeTimeout = time.Second })
	p := s.meet(4)
	s.hear(p[1].addr, p[0].claim(swim.Suspect, "m1"))
	first, _ := s.core.Member("m0")
	s.advance(time.Minute)
	p[0].stamp.Incarnation++
	s.hear(p[2].addr, p[0].claim(swim.Suspect, "m2"))
	if m, _ := s.core.Member("m0"); m.Since != first.Since+time.Minute || s.core.Stats().Suspicions != 2 {
		t.Errorf("suspect since %v, suspicions %d", m.Since-first.Since, s.core.Stats().Suspicions)
	}
}
