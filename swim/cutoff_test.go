package swim_test

import (
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// tabled is a wire on which a push-pull is a whole table each way. It keeps the last
// frame.
type tabled struct {
	swim.Codec
	told []swim.State
}

func (w *tabled) Carries() swim.Carries {
	carries := w.Codec.Carries()
	carries.Tables = true
	return carries
}

func (w *tabled) AppendFrame(b []byte, f *swim.Frame) []byte {
	for row := range f.Table.Rows {
		w.told = append(w.told, row.State)
	}
	return append(b, byte(f.Kind))
}

func TestATableThatIsSentWhileCutOffTellsNoSecret(t *testing.T) {
	var wire *tabled
	s := newSolo(t, func(cfg *swim.Config) {
		wire = &tabled{Codec: cfg.Codec}
		cfg.Codec = wire
	})
	s.meet(3)
	for !s.core.CutOff() || s.count(swim.EventSuspected, "") < 3 {
		s.advance(100 * time.Millisecond)
		if s.now > 2*time.Hour {
			t.Fatal("nobody is suspected")
		}
	}
	if _, _, err := s.core.Begin(s.now, swim.Dial{Kind: swim.DialPushPull, Name: "m0"}); err != nil {
		t.Fatal(err)
	}
	for _, state := range wire.told {
		if state != swim.Alive {
			t.Errorf("told that one is %v", state)
		}
	}
	if told := len(wire.told); told != 4 {
		t.Errorf("%d are in the table, want all", told)
	}
}
