package swim_test

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// as makes a core that runs a preset.
func as(preset swim.Config) func(*swim.Config) {
	return func(cfg *swim.Config) {
		own := *cfg
		*cfg = preset
		cfg.Name, cfg.Addr, cfg.ClusterID, cfg.Version, cfg.Life = own.Name, own.Addr, own.ClusterID, own.Version, own.Life
		cfg.Codec, cfg.Rider, cfg.Rand, cfg.Wall = own.Codec, own.Rider, own.Rand, own.Wall
	}
}

// prototype is Prototype2002 with the times of its experiments.
func prototype() swim.Config {
	cfg := swim.Prototype2002()
	cfg.ProbeInterval, cfg.ProbeTimeout = 2*time.Second, 500*time.Millisecond
	return cfg
}

var published = []struct {
	what   string
	config swim.Config
	least  time.Duration // of a crash among 16: verdict and shortest suspicion
}{
	{"the prototype of 2002", prototype(), 2*time.Second + 9*2*time.Second},
	{"the Lifeguard paper's SWIM", swim.PaperSWIM(), time.Second + time.Duration(5*math.Log10(16)*1e9)},
	{"LHA-Probe", swim.PaperLifeguard(swim.LHAProbe), time.Second + time.Duration(5*math.Log10(16)*1e9)},
	{"LHA-Suspicion", swim.PaperLifeguard(swim.LHASuspicion), time.Second + time.Duration(5*math.Log10(16)*1e9)},
	{"the buddy system", swim.PaperLifeguard(swim.BuddySystem), time.Second + time.Duration(5*math.Log10(16)*1e9)},
	{"Lifeguard", swim.PaperLifeguard(swim.FullLifeguard), time.Second + time.Duration(5*math.Log10(16)*1e9)},
	{"memberlist", swim.Memberlist(), time.Second + time.Duration(4*math.Log10(16)*1e9)},
}

func TestEveryPublishedPresetFormsAGroupAndDetectsACrashInItsTime(t *testing.T) {
	for _, p := range published {
		cl := newCluster(t, 2)
		ps := cl.start(1, as(p.config))
		for i := 1; i < 16; i++ {
			// One after the other, as in the experiments: nothing repairs what
			// piggybacking alone has missed while many join.
			cl.run(5 * time.Second)
			ps = append(ps, cl.boot(fmt.Sprintf("n%d", i), i+1, as(p.config)))
			cl.join(ps[i], ps[0])
		}
		cl.until(2*time.Minute, p.what+" formed", cl.agreed)
		cl.run(20 * time.Second)
		packets := cl.packets
		cl.run(40 * time.Second)
		period := max(p.config.ProbeInterval, time.Second)
		if perPeriod := float64(cl.packets-packets) / 16 / (40 * time.Second / period).Seconds() / 1e9; perPeriod < 1.95 || perPeriod > 2.05 {
			t.Errorf("%s: %.2f packets per member and period in an idle group, want 2", p.what, perPeriod)
		}
		cl.crash(ps[7])
		took := cl.until(2*time.Minute, p.what+" detected the crash", func() bool {
			s, _ := ps[0].sees("n7")
			return s == swim.Dead
		})
		if most := p.least + 6*period; took < p.least-time.Millisecond || took > most {
			t.Errorf("%s: the crash was detected after %v, want %v to %v", p.what, took, p.least, most)
		}
		for _, q := range cl.up() {
			for _, e := range q.events {
				if e.Kind == swim.EventFailed && e.Name != "n7" {
					t.Errorf("%s: %s declared %s dead", p.what, q.name, e.Name)
				}
			}
		}
	}
}

func TestEveryRuleIsInAPresetButTheRandomTargetsOfTheBasicProtocol(t *testing.T) {
	used := map[string]bool{"RandomTargets": true}
	for _, p := range published {
		rules := reflect.ValueOf(p.config.Rules)
		for i := range rules.NumField() {
			if rules.Field(i).Bool() {
				used[rules.Type().Field(i).Name] = true
			}
		}
	}
	all := reflect.TypeFor[swim.Rules]()
	for i := range all.NumField() {
		rule := all.Field(i)
		if !used[rule.Name] {
			t.Errorf("%s is in no preset", rule.Name)
		}
	}
}

func TestThePartsOfLifeguardDifferInWhatTheyAreAbout(t *testing.T) {
	base := swim.PaperSWIM()
	if !reflect.DeepEqual(base, swim.PaperLifeguard(0)) {
		t.Error("Lifeguard without its parts is not SWIM")
	}
	for _, c := range []struct {
		parts                    swim.Components
		health, maxMult, k       int
		stretches, buddy, nacked bool
	}{
		{0, swim.Off, 1, swim.Off, false, false, false},
		{swim.LHAProbe, 8, 1, swim.Off, true, false, true},
		{swim.LHASuspicion, swim.Off, 6, 3, false, false, false},
		{swim.BuddySystem, swim.Off, 1, swim.Off, false, true, false},
		{swim.FullLifeguard, 8, 6, 3, true, true, true},
	} {
		cfg := swim.PaperLifeguard(c.parts)
		if cfg.SuspicionMult != 5 || cfg.HealthMax != c.health || cfg.SuspicionMaxMult != c.maxMult || cfg.SuspicionConfirmations != c.k ||
			cfg.Rules.HealthStretchesPeriod != c.stretches || cfg.Rules.NoBuddy == c.buddy || cfg.NackAfter > 0 != c.nacked {
			t.Errorf("parts %b: %+v", c.parts, cfg)
		}
	}
}

// The zero Rules are nekton: no preset of ours has a rule of others.
func TestOurOwnPresetsHaveNoRuleOfOthers(t *testing.T) {
	for _, cfg := range []swim.Config{swim.LAN(), swim.WAN(), swim.Local()} {
		if cfg.Rules != (swim.Rules{}) || cfg.MaxPiggyback != 0 || cfg.ReclaimAfter != 0 {
			t.Errorf("%+v", cfg)
		}
	}
}
