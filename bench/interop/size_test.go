package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// A thousand members that one member learns are learnt by one of the other kind that
// joins it, in one push-pull, in both directions.
func TestAThousandMembersTravelInOnePushPullBothWays(t *testing.T) {
	for _, c := range []struct {
		name string
		pair func(w *world) (knows, joins member)
	}{
		{"from memberlist", func(w *world) (member, member) { return w.theirsNamed("m1"), w.oursNamed("n1") }},
		{"from nekton", func(w *world) (member, member) { return w.oursNamed("n1"), w.theirsNamed("m1") }},
		{"brought by memberlist", func(w *world) (member, member) { return w.oursNamed("n1"), w.theirsNamed("m1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			pace := peer.LAN()
			pace.Probe, pace.ProbeTimeout, pace.PushPull, pace.Gossip = time.Hour, time.Minute, 0, 0
			inMemory(t, pace, func(w *world) {
				w.foreign = true
				knows, joins := c.pair(w)
				w.join(w.members[0])
				rows := make([]peer.Row, 1000)
				for i := range rows {
					rows[i] = peer.Row{
						Name: fmt.Sprintf("member-%04d", i), Addr: []byte{10, 1, byte(i >> 8), byte(i)}, Port: 7946,
						Meta: []byte(fmt.Sprintf("meta of %d", i)), Incarnation: uint32(i + 1), Vsn: []byte{1, 5, 2, 0, 0, 0},
					}
				}
				s := w.stranger()
				teach := knows
				if c.name == "brought by memberlist" {
					teach = joins // a member of memberlist runs before it joins
				}
				if _, _, err := s.PushPull(teach.Addr(), rows, nil, false); err != nil {
					t.Fatal(err)
				}
				w.eventually(time.Second, func() string {
					if got := len(teach.Present()); got != 1001 {
						return fmt.Sprintf("%s has learnt %d", teach.Name(), got)
					}
					return ""
				})
				w.join(joins)
				for _, m := range []member{knows, joins} {
					w.eventually(time.Minute, func() string {
						if got := len(m.Present()); got != 1002 {
							return fmt.Sprintf("%s lists %d", m.Name(), got)
						}
						return ""
					})
					table, err := s.Table(m.Addr())
					if err != nil {
						t.Fatal(err)
					}
					for _, want := range rows {
						got := table[want.Name]
						if got.Incarnation != want.Incarnation || string(got.Meta) != string(want.Meta) || string(got.Addr) != string(want.Addr) || string(got.Vsn) != string(want.Vsn) {
							t.Fatalf("%s tells %+v, want %+v", m.Name(), got, want)
						}
					}
				}
			})
		})
	}
}
