package swim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// Between two sites that only streams connect, nothing else would compare the tables:
// fingerprints ride on pings and acks.
func TestAComparisonThatPacketsDoNotReachIsMadeByStream(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) {
		cfg.ProbeInterval, cfg.GossipInterval, cfg.HealInterval = swim.Off, swim.Off, swim.Off
		cfg.PushPullInterval = 10 * time.Second
	})
	m := s.meet(1)[0]
	s.advance(10*time.Second + 2*500*time.Millisecond)
	if !slices.ContainsFunc(s.dials, func(d swim.Dial) bool { return d.Kind == swim.DialPushPull && d.Addr == m.addr }) {
		t.Errorf("nothing came back to the question for fingerprints, and no stream was opened: %v", s.dials)
	}
}
