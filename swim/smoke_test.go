package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

func TestAClusterFormsDetectsHealsAndLeaves(t *testing.T) {
	cl := newCluster(t, 1)
	cl.trace = t.Logf
	ps := cl.start(5, nil)
	cl.until(5*time.Second, "all see all", cl.agreed)
	t.Logf("formed at %v: %d packets, %d bytes, %d streams", cl.now, cl.packets, cl.bytes, cl.streams)
	ps[1].rider.publish()
	cl.input(ps[1], func() { ps[1].core.Touch(cl.now, "n1", 0) })
	cl.until(2*time.Second, "all know the note", func() bool {
		for _, p := range ps {
			if p.rider.value["n1"] != 1 {
				return false
			}
		}
		return true
	})
	p0, s0 := cl.packets, cl.streams
	cl.run(60 * time.Second)
	t.Logf("idle minute: %d packets %d streams", cl.packets-p0, cl.streams-s0)
	cl.crash(ps[4])
	d := cl.until(30*time.Second, "n4 dead everywhere", cl.agreed)
	t.Logf("n4 dead everywhere after %v", d)
	for _, p := range cl.up() {
		if p.core.Health() != 0 {
			t.Errorf("%s health %d", p.name, p.core.Health())
		}
	}
	// partition
	cl.blocked = func(a, b *process) bool { return (a.name < "n2") != (b.name < "n2") }
	cl.run(10 * time.Minute)
	for _, p := range cl.up() {
		for _, q := range cl.up() {
			s, _ := p.sees(q.name)
			if want := (p.name < "n2") == (q.name < "n2"); (s == swim.Alive) != want {
				t.Errorf("%s sees %s as %v", p.name, q.name, s)
			}
		}
	}
	cl.blocked = nil
	d = cl.until(2*time.Minute, "healed", cl.agreed)
	t.Logf("healed after %v", d)
	cl.input(ps[3], func() { ps[3].core.Leave(cl.now) })
	d = cl.until(2*time.Second, "acked", func() bool { return ps[3].saw(swim.EventLeaveAcked, "") > 0 })
	t.Logf("leave acked after %v", d)
	cl.crash(ps[3])
	cl.until(5*time.Second, "left everywhere", cl.agreed)
}
