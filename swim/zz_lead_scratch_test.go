package swim_test

import (
	"fmt"
	"github.com/nekton-go/nekton/swim"
	"hash/fnv"
	"os"
	"testing"
	"time"
)

func TestZZLead(t *testing.T) {
	if os.Getenv("LEAD") == "" {
		t.Skip()
	}
	for _, oneway := range []bool{false, true} {
		for seed := range 3 {
			n := 64
			cl := newCluster(t, uint64(seed))
			ps := cl.start(n, nil)
			cl.until(60*time.Second, "formed", cl.agreed)
			lucky := func(s string) bool { h := fnv.New32a(); h.Write([]byte(s)); return h.Sum32()%10 == 0 }
			cl.blocked = func(a, b *process) bool {
				if b.name == "n5" {
					return !lucky(a.name)
				}
				if a.name == "n5" && !oneway {
					return !lucky(b.name)
				}
				return false
			}
			cl.run(10 * time.Minute)
			count := map[string]int{}
			for _, p := range ps {
				for _, e := range p.events {
					if e.Kind == swim.EventFailed {
						k := "healthy about healthy"
						if p.name == "n5" {
							k = "n5 about healthy"
						} else if e.Name == "n5" {
							k = "healthy about n5"
						}
						count[k]++
					}
				}
			}
			var susp, ref uint64
			for _, p := range ps {
				s := p.core.Stats()
				susp += s.Suspicions
				ref += s.Refutations
			}
			fmt.Println("oneway", oneway, "seed", seed, count, "susp", susp, "refutes", ref, "n5 health", ps[5].core.Health(), "pkts/node-s", float64(cl.packets)/600/64, "streams", cl.streams)
		}
	}
	// mass restart
	for _, n := range []int{64, 500} {
		cl := newCluster(t, 9)
		ps := cl.start(n, nil)
		cl.until(60*time.Second, "formed", cl.agreed)
		for i, p := range ps {
			cl.after(time.Duration(cl.rand.Int64N(int64(60*time.Second))), func() {
				cl.crash(p)
				cl.after(2*time.Second, func() {
					q := cl.boot(p.name, i+1, nil)
					cl.join(q, cl.nodes["n1"], cl.nodes["n2"], cl.nodes["n3"], cl.nodes["n4"])
				})
			})
		}
		w := time.Now()
		cl.run(63 * time.Second)
		d := cl.until(5*time.Minute, "agreed", cl.agreed)
		fmt.Println("mass restart", n, "agreed after", d, "wall", time.Since(w))
	}
	// big join
	for _, n := range []int{1000, 2000} {
		w := time.Now()
		cl := newCluster(t, 9)
		cl.start(n, nil)
		d := cl.until(2*time.Minute, "formed", func() bool {
			for _, p := range cl.up() {
				if p.core.Stats().Alive != n {
					return false
				}
			}
			return true
		})
		fmt.Println("join", n, "formed", d, "wall", time.Since(w), "MB", cl.bytes>>20, "streams", cl.streams)
	}
}
