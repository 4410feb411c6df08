package swim_test

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// anyRules are rules of others in any mixture.
func anyRules(r *rand.Rand) (rules swim.Rules) {
	v := reflect.ValueOf(&rules).Elem()
	for i := range v.NumField() {
		v.Field(i).SetBool(r.IntN(2) == 0)
	}
	return rules
}

func TestHostileClaimsBreakNoInvariantUnderAnyRules(t *testing.T) { beHostile(t, anyRules) }

func TestACloneActsIdenticallyUnderAnyRules(t *testing.T) { feedTwins(t, anyRules) }

// Whatever mixture of rules: no invariant breaks in a group under loss, pauses,
// crashes and restarts, and in calm nobody who runs is declared dead.
func TestAGroupOfAnyRulesKeepsEveryInvariant(t *testing.T) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 8))
		rules := anyRules(r)
		cl := newCluster(t, seed)
		ps := cl.start(8, under(rules))
		cl.run(20 * time.Second)
		for range 12 {
			p := ps[1+r.IntN(7)]
			switch what := r.IntN(4); {
			case what == 0 && !p.dead && !p.paused:
				cl.pause(p)
				cl.after(time.Duration(r.IntN(8000))*time.Millisecond, func() {
					if !p.dead {
						cl.resume(p)
					}
				})
			case what == 1 && !p.dead:
				cl.crash(p)
			case what == 2 && p.dead:
				for i := range ps {
					if ps[i] == p {
						ps[i] = cl.boot(p.name, 20+r.IntN(200), under(rules))
						cl.join(ps[i], ps[0])
					}
				}
			default:
				cl.loss = float64(r.IntN(30)) / 100
			}
			cl.run(time.Duration(r.IntN(5000)) * time.Millisecond)
		}
		cl.loss = 0
		cl.run(2 * time.Minute)
		before := make([]int, len(ps))
		for i, p := range ps {
			before[i] = int(p.core.Stats().Deaths)
		}
		cl.run(time.Minute)
		for i, p := range ps {
			if got := int(p.core.Stats().Deaths); !p.dead && got != before[i] {
				t.Errorf("seed %d, %+v: %s declared %d more dead in a calm minute", seed, rules, p.name, got-before[i])
			}
		}
	}
}
