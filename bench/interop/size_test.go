package interop

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/peer"
)

// A thousand members that one member knows are learnt by one of the other kind, in one
// push-pull, whoever knows them and whoever asks for it.
func TestAThousandMembersTravelInOnePushPullBothWays(t *testing.T) {
	pace := peer.LAN()
	pace.Probe, pace.ProbeTimeout, pace.PushPull, pace.Gossip = time.Hour, time.Minute, 0, 0
	for _, c := range []struct {
		name       string
		oursKnows  bool
		knowerAsks bool
	}{
		{"memberlist is asked", false, false},
		{"nekton is asked", true, false},
		{"memberlist brings them", false, true},
		{"nekton brings them", true, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			inEachFraming(t, pace, func(w *world) {
				w.foreign = true
				o, m := w.oursNamed("n1"), w.theirsNamed("m1")
				var knows, learns member = m, o
				if c.oursKnows {
					knows, learns = o, m
				}
				if c.oursKnows || c.knowerAsks { // a member of memberlist runs from the first
					if err := o.Join(); err != nil {
						t.Fatal(err)
					}
				}
				s := w.stranger()
				rows := thousand()
				if _, _, err := s.PushPull(knows.Addr(), rows, nil, false); err != nil {
					t.Fatal(err)
				}
				w.lists(knows, 1001)

				asks, asked := learns, knows
				if c.knowerAsks {
					asks, asked = knows, learns
				}
				if asks == o && c.oursKnows {
					if err := o.Rejoin(context.Background(), asked.Addr().String()); err != nil {
						t.Fatal(err)
					}
				} else if err := asks.Join(asked.Addr()); err != nil {
					t.Fatal(err)
				}
				for _, m := range w.members {
					w.lists(m, 1002)
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

// thousand are the rows of members that nobody runs.
func thousand() []peer.Row {
	rows := make([]peer.Row, 1000)
	for i := range rows {
		rows[i] = peer.Row{
			Name: fmt.Sprintf("member-%04d", i), Addr: []byte{10, 1, byte(i >> 8), byte(i)}, Port: 7946,
			Meta: []byte(fmt.Sprintf("meta of %d", i)), Incarnation: uint32(i + 1), Vsn: []byte{1, 5, 2, 0, 0, 0},
		}
	}
	return rows
}

// lists waits until a member lists as many.
func (w *world) lists(m member, want int) {
	w.t.Helper()
	w.eventually(time.Minute, func() string {
		if got := len(m.Present()); got != want {
			return fmt.Sprintf("%s lists %d", m.Name(), got)
		}
		return ""
	})
}
