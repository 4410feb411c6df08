package swim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// joinOne makes b join a, and tells b of so many others by gossip.
func joinOne(t *testing.T, others int, change func(*swim.Config)) (b, a *tabler) {
	t.Helper()
	a, b = newTabler(t, "a", nil), newTabler(t, "b", func(cfg *swim.Config) {
		cfg.ProbeInterval = swim.Off
		if change != nil {
			change(cfg)
		}
	})
	if joined, answered := join(b, a); joined != nil || answered != nil {
		t.Fatal(joined, answered)
	}
	b.learn(0, others, a)
	return b, a
}

// learn tells of members by gossip, numbered from first on.
func (c *tabler) learn(first, n int, from *tabler) {
	for i := first; i < first+n; i++ {
		c.tells(from.addr, alive(fmt.Sprintf("%cx%d", 'A'+i, i), 1, memberlist()))
	}
}

// pushPulls lets time pass and returns when push-pulls with members were opened, all of
// which fail.
func (c *tabler) pushPulls(d time.Duration) (at []time.Duration) {
	for end := c.now + d; c.now < end; {
		c.lapse(10 * time.Millisecond)
		var dials []swim.Dial
		c.TakeDials(&dials)
		for _, dial := range dials {
			if dial.Kind == swim.DialPushPull {
				at = append(at, c.now)
				c.HandleDialError(c.now, dial, swim.ErrUnknownExchange)
			}
		}
	}
	return at
}

func TestANewcomerThatHearsOfOthersCatchesUp(t *testing.T) {
	b, _ := joinOne(t, 1, nil)
	if at := b.pushPulls(time.Second); len(at) != 1 || at[0] < 200*time.Millisecond || at[0] > 400*time.Millisecond {
		t.Errorf("push-pulls at %v, want one after 200 to 400 ms", at)
	}
}

func TestNobodyCatchesUpWithoutReason(t *testing.T) {
	for _, c := range []struct {
		what   string
		others int
		change func(*swim.Config)
	}{
		{"a newcomer that hears of nobody else", 0, func(cfg *swim.Config) { cfg.PushPullInterval = time.Hour }},
		{"the rule of memberlist", 5, func(cfg *swim.Config) { cfg.PushPullInterval, cfg.Rules.NoCatchUp = time.Hour, true }},
		{"push-pull is off", 5, func(cfg *swim.Config) { cfg.PushPullInterval = swim.Off }},
	} {
		b, _ := joinOne(t, c.others, c.change)
		if at := b.pushPulls(5 * time.Second); len(at) != 0 {
			t.Errorf("%s: push-pulls at %v", c.what, at)
		}
	}
}

// A member of a group that has compared tables in vain is not moved by a few newcomers,
// only by a quarter more.
func TestAFewNewcomersMoveNobodyToCatchUp(t *testing.T) {
	late := func(cfg *swim.Config) { cfg.PushPullInterval = time.Hour }
	b, a := joinOne(t, 14, late)
	a.learn(0, 14, b)
	b.trades(a)
	if at := b.pushPulls(5 * time.Second); len(at) != 0 {
		t.Fatalf("push-pulls at %v after a comparison that brought nothing", at)
	}
	b.learn(14, 3, a) // 16 are known
	if at := b.pushPulls(5 * time.Second); len(at) != 0 {
		t.Errorf("three newcomers: push-pulls at %v", at)
	}
	b.learn(17, 1, a)
	if at := b.pushPulls(5 * time.Second); len(at) != 1 {
		t.Errorf("four newcomers: push-pulls at %v, want one", at)
	}
}

// trades lets the push-pull that c is about to open succeed.
func (c *tabler) trades(with *tabler) {
	c.t.Helper()
	for range 100 {
		c.lapse(10 * time.Millisecond)
		with.now = c.now
		var dials []swim.Dial
		c.TakeDials(&dials)
		for _, d := range dials {
			if opened, answered := trade(c, with, d); opened != nil || answered != nil {
				c.t.Fatal(opened, answered)
			}
			return
		}
	}
	c.t.Fatal("no push-pull")
}

// While tables still bring much, they are compared again, after pauses that double.
func TestACatchUpThatBringsMuchIsFollowedByAnother(t *testing.T) {
	b, a := joinOne(t, 1, nil)
	a.learn(1, 10, b)
	b.trades(a)
	before := b.now
	if at := b.pushPulls(2 * time.Second); len(at) != 1 || at[0]-before < 400*time.Millisecond || at[0]-before > 810*time.Millisecond {
		t.Errorf("push-pulls at %v, want one 400 to 800 ms after %v", at, before)
	}
}

// On nekton's wire, prints would tell as well, but only with the probes of the next
// seconds.
func TestAWaveOfJoinsIsCaughtUpBeforeProbesTellOfIt(t *testing.T) {
	for _, caughtUp := range []bool{false, true} {
		cl := newCluster(t, 1)
		cl.start(48, under(swim.Rules{NoCatchUp: !caughtUp}))
		if took := cl.until(10*time.Second, "formed", cl.agreed); (took < time.Second) != caughtUp {
			t.Errorf("catching up is %v: formed in %v", caughtUp, took)
		}
	}
}
