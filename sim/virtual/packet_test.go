package virtual_test

import (
	"fmt"
	"math"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
)

func TestADatagramTakesTheDelayOfTheLinks(t *testing.T) {
	w, birds := aviary(t, 1, 2)
	birds[0].host.Out.Delay = virtual.Constant(2 * time.Millisecond)
	birds[1].host.In.Delay = virtual.Constant(4 * time.Millisecond)
	birds[0].say(birds[1], "hello")
	birds[1].say(birds[0], "hello") // the other direction has none of that
	w.Run(time.Second)
	if got := birds[1].log[0].at; got != 7*time.Millisecond {
		t.Errorf("arrived after %v", got)
	}
	if got := birds[0].log[0].at; got != time.Millisecond {
		t.Errorf("the other way took %v", got)
	}
}

func TestAPairMayHaveALinkOfItsOwn(t *testing.T) {
	w, birds := aviary(t, 1, 3)
	w.SetLink(birds[0].host, birds[1].host, virtual.Link{Delay: virtual.Constant(time.Second)})
	birds[0].say(birds[1], "far")
	birds[0].say(birds[2], "near")
	w.Run(2 * time.Second)
	w.ResetLink(birds[0].host, birds[1].host)
	birds[0].say(birds[1], "near again")
	w.Run(time.Second)
	if a, b, c := birds[1].log[0].at, birds[2].log[0].at, birds[1].log[1].at; a != time.Second || b != time.Millisecond || c != 2001*time.Millisecond {
		t.Errorf("arrived at %v, %v, %v", a, b, c)
	}
}

func TestLossAndDuplicatesComeAsOftenAsTold(t *testing.T) {
	const n = 20000
	w, birds := aviary(t, 1, 2)
	w.Net.Link.Loss, w.Net.Link.Duplicate = 0.2, 0.1
	birds[1].host.In.Loss = 0.5 // both must let it pass: 0.8 × 0.5
	for range n {
		birds[0].say(birds[1], "x")
	}
	w.Run(time.Second)
	if got, want := float64(len(birds[1].log)), n*0.4*1.1; math.Abs(got-want) > 4*math.Sqrt(want) {
		t.Errorf("%v of %d arrived, want about %v", got, n, want)
	}
	if tr := birds[0].host.Traffic; tr.PacketsOut != n || tr.BytesOut != n || math.Abs(float64(tr.PacketsLost)-n*0.6) > 4*math.Sqrt(n*0.6) {
		t.Errorf("traffic %+v", tr)
	}
}

func TestReorderedDatagramsAreOvertaken(t *testing.T) {
	w, birds := aviary(t, 1, 2)
	w.Net.Link.Reorder, w.Net.Link.Late = 0.2, virtual.Constant(10*time.Millisecond)
	for i := range 100 {
		w.After(time.Duration(i)*time.Millisecond, func() { birds[0].say(birds[1], fmt.Sprintf("%03d", i)) })
	}
	w.Run(time.Second)
	said := birds[1].said()
	if len(said) != 100 || slices.IsSorted(said) {
		t.Errorf("%d arrived, in order: %v", len(said), slices.IsSorted(said))
	}
}

func TestDistributionsKeepTheirPromises(t *testing.T) {
	w := virtual.New(1)
	mean := func(d virtual.Delay) (mean, least, most time.Duration) {
		const n = 50000
		least = math.MaxInt64
		sum := 0.0
		for range n {
			x := d.Sample(w.Rand())
			sum, least, most = sum+float64(x), min(least, x), max(most, x)
		}
		return time.Duration(sum / n), least, most
	}
	near := func(got, want time.Duration) bool { return math.Abs(float64(got-want)) < 0.05*float64(want) }
	if m, lo, hi := mean(virtual.Uniform{Min: 1000, Max: 3000}); !near(m, 2000) || lo < 1000 || lo > 1010 || hi < 2990 || hi > 3000 {
		t.Errorf("uniform: mean %d, from %d to %d", m, lo, hi)
	}
	if m, lo, _ := mean(virtual.Exponential{Min: time.Second, Mean: time.Second}); !near(m, 2*time.Second) || lo < time.Second {
		t.Errorf("exponential: mean %v, least %v", m, lo)
	}
	if m, _, _ := mean(virtual.LogNormal{Median: time.Second, Sigma: 0.5}); !near(m, time.Duration(1.1331*float64(time.Second))) {
		t.Errorf("log-normal: mean %v", m) // e^(σ²/2) times the median
	}
}

func TestACutIsOneWayASplitIsBothAndHealingEndsThem(t *testing.T) {
	w, b := aviary(t, 1, 4)
	all := func() {
		for _, from := range b {
			for _, to := range b {
				if from != to {
					from.say(to, "x")
				}
			}
		}
		w.Run(time.Second)
	}
	heard := func() (counts [4]int) {
		for i := range b {
			counts[i] = len(b[i].log)
			b[i].log = nil
		}
		return counts
	}
	hosts := func(birds ...*parrot) (hosts []*virtual.Host) {
		for _, p := range birds {
			hosts = append(hosts, p.host)
		}
		return hosts
	}
	cut := w.Cut(hosts(b[0]), hosts(b[1], b[2]))
	all()
	if got := heard(); got != [4]int{3, 2, 2, 3} {
		t.Errorf("one-way cut of 0 to 1 and 2: heard %v", got)
	}
	cut.Heal()
	cut.Heal()
	w.Split(hosts(b[0], b[1]), hosts(b[2]))
	all()
	if got := heard(); got != [4]int{2, 2, 1, 3} {
		t.Errorf("split of 0 1 | 2, and 3 in both: heard %v", got)
	}
	w.HealAll()
	w.Isolate(hosts(b[3]))
	late := hatch(t, w, 9)
	b[3].say(late, "to one who came later")
	all()
	if got := heard(); got != [4]int{2, 2, 2, 3} || len(late.log) != 0 {
		t.Errorf("3 is mute: heard %v, the newcomer %v", got, late.log)
	}
}

func TestWhatIsOnItsWayArrivesInSpiteOfACut(t *testing.T) {
	w, b := aviary(t, 1, 2)
	b[0].say(b[1], "x")
	w.Split([]*virtual.Host{b[0].host}, []*virtual.Host{b[1].host})
	w.Run(time.Second)
	if len(b[1].log) != 1 {
		t.Error("it was stopped on its way")
	}
}

func TestAnUplinkSpreadsABurstAndOverflows(t *testing.T) {
	w, b := aviary(t, 1, 2)
	w.Net.SendQueue = 1000
	b[0].host.Uplink = 10_000 // bytes per second
	var fates []virtual.Fate
	w.OnPacket = func(_ *virtual.Host, _ netip.AddrPort, _ []byte, fate virtual.Fate) { fates = append(fates, fate) }
	for range 30 {
		b[0].say(b[1], string(make([]byte, 100)))
	}
	w.Run(time.Minute)
	// 1,000 bytes wait at the most, beside the datagram that is being sent.
	if got := len(b[1].log); got < 10 || got > 12 || fates[29] != virtual.Overflow {
		t.Errorf("%d of 30 arrived, the last was %v", got, fates[29])
	}
	for i, n := range b[1].log {
		if want := time.Duration(i+1)*10*time.Millisecond + time.Millisecond; n.at != want {
			t.Errorf("datagram %d arrived at %v, want %v", i, n.at, want)
		}
	}
}

func TestWhatArrivesIsSeenBeforeItIsHandledAndWhatIsLostIsNot(t *testing.T) {
	w, b := aviary(t, 1, 2)
	var seen []string
	w.OnArrive = func(to, from *virtual.Host, packet []byte) {
		if to != b[1].host || from != b[0].host || len(b[1].log) != len(seen) {
			t.Errorf("%q, to %v from %v, after %d were handled", packet, to.Addr(), from.Addr(), len(b[1].log))
		}
		seen = append(seen, string(packet))
	}
	b[0].say(b[1], "a")
	w.Run(time.Second)
	w.Cut([]*virtual.Host{b[0].host}, []*virtual.Host{b[1].host})
	b[0].say(b[1], "b")
	w.Run(time.Second)
	if len(seen) != 1 || seen[0] != "a" {
		t.Errorf("seen: %q", seen)
	}
}

func TestAFirewallLetsOneKindPass(t *testing.T) {
	w, b := aviary(t, 1, 2)
	w.Net.StreamTimeout = 5 * time.Second
	w.Net.Link.NoPackets = true
	b[0].say(b[1], "x")
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(10 * time.Second)
	if got := b[1].said(); !slices.Equal(got, []string{"accept from 1", "frame 1"}) {
		t.Errorf("with datagrams blocked: %q", got)
	}
	w.Net.Link.NoPackets, w.Net.Link.NoStreams = false, true
	b[0].say(b[1], "x")
	b[0].call(b[1].host.Addr(), pushPull)
	w.Run(10 * time.Second)
	if got := b[1].said()[2:]; !slices.Equal(got, []string{"1: x"}) {
		t.Errorf("with streams blocked: %q", got)
	}
}
