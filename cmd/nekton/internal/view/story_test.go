package view

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/demo"
	"github.com/nekton-go/nekton/types"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden files")

// golden compares got with a file of testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *rewrite {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (rewrite with -rewrite, and look at the diff)\ngot:\n%s\nwant:\n%s", path, got, want)
	}
}

const s = time.Second

// peers draws the views of one node: u UP, s suspected, d DOWN, c SUSPECT_DOWN,
// l left, . unknown. Whoever is UP is read.
func peers(marks string) []demo.PeerView {
	out := make([]demo.PeerView, len(marks))
	for i, m := range marks {
		p := demo.PeerView{Generation: 1}
		switch m {
		case 'u':
			p.Status, p.Held = types.NODE_STATUS_UP, demo.HeldAlive
			p.Values = types.StoreMap{demo.LoadKey: int64(7)}
		case 's':
			p.Status, p.Held = types.NODE_STATUS_UP, demo.HeldSuspect
		case 'd':
			p.Status, p.Held = types.NODE_STATUS_DOWN, demo.HeldDead
		case 'c':
			p.Status, p.Held = types.NODE_STATUS_SUSPECT_DOWN, demo.HeldDead
		case 'l':
			p.Status, p.Held = types.NODE_STATUS_DOWN, demo.HeldLeft
		}
		out[i] = p
	}
	return out
}

// picture is a moment in which everything that the table can show is there.
func picture() *demo.Snapshot {
	return &demo.Snapshot{At: 7340 * time.Millisecond, Nodes: []demo.NodeView{
		{ID: "a1", Domain: "a", Generation: 1, Phase: demo.PhaseRunning, Own: types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, Peers: peers("udsc.")},
		{ID: "a2", Domain: "a", Generation: 1, Phase: demo.PhaseKilled},
		{ID: "b1", Domain: "b", Inactive: true, Generation: 2, Phase: demo.PhaseRunning, Own: types.NODE_STATUS_UP, Health: 2, Peers: peers("uuuul")},
		{ID: "b2", Domain: "b", Inactive: true, Generation: 1, Phase: demo.PhaseLeft},
		{ID: "w", Domain: "witness", Generation: 0, Phase: demo.PhasePlanned},
	}}
}

func opening() demo.Opening {
	return demo.Opening{
		Config: demo.DefaultConfig(),
		Nodes:  []types.NodeId{"a1", "a2", "b1", "b2", "w"},
		Steps: []demo.Step{
			{Name: "form", Title: "start five nodes", Table: true},
			{Name: "detect", Title: "kill a2 without a word"},
			{Name: "lose-quorum", Title: "kill domain b", Table: true},
			{Name: "stop", Title: "stop everything"},
		},
	}
}

// tell tells v a story that ends well, or in the third step.
func tell(v demo.View, well bool) {
	v.Open(opening())
	v.Begin(0, 0)
	v.Observe(20*time.Millisecond, "a1 of domain a listens on 127.0.0.1:7001")
	v.Expect(demo.Expectation{Since: 20 * time.Millisecond, Predicted: 1 * s, Deadline: 4 * s, What: "everyone UP at everyone"})
	v.Look(picture())
	v.Measure(310*time.Millisecond, demo.Measurement{Name: "one view", Took: 290 * time.Millisecond, Predicted: demo.Range{High: 300 * time.Millisecond, Why: "2 rounds of gossip"}})
	v.Finish(320*time.Millisecond, demo.Outcome{Step: 0, Took: 320 * time.Millisecond, Summary: "5 nodes are one cluster"})
	v.Begin(1*s, 1)
	v.Observe(1200*time.Millisecond, "a1 suspects a2")
	v.Measure(7*s, demo.Measurement{Name: "detection", Took: 6 * s, Predicted: demo.Range{Low: 2 * s, High: 5800 * time.Millisecond, Why: "8 periods of 500ms"}})
	v.Finish(7*s, demo.Outcome{Step: 1, Took: 6 * s, Summary: "a2 was found dead after 6s"})
	v.Begin(7*s, 2)
	v.Expect(demo.Expectation{Since: 7 * s, Predicted: 8 * s, Deadline: 12 * s, What: "a1 and w SUSPECT_NOT_IN_QUORUM"})
	v.Look(picture())
	if !well {
		err := &demo.StepError{Step: "lose-quorum", Number: 3, Want: "a1 and w SUSPECT_NOT_IN_QUORUM", Within: 5 * s, Seen: "w is UP"}
		v.Finish(12*s, demo.Outcome{Step: 2, Took: 5 * s, Err: err})
		v.Close(demo.Ending{Took: 12 * s, Err: err})
		return
	}
	v.Finish(9*s, demo.Outcome{Step: 2, Took: 2 * s, Summary: "a1 and w lost the quorum"})
	v.Begin(9*s, 3)
	v.Finish(9500*time.Millisecond, demo.Outcome{Step: 3, Took: 500 * time.Millisecond, Summary: "no goroutine is left"})
	v.Close(demo.Ending{Took: 9500 * time.Millisecond})
}

// interrupted tells v a story that is interrupted in its second step.
func interrupted(v demo.View) {
	v.Open(opening())
	v.Begin(0, 0)
	v.Finish(1*s, demo.Outcome{Step: 0, Took: 1 * s, Summary: "5 nodes are one cluster"})
	v.Close(demo.Ending{Took: 2 * s, Err: errors.New("interrupted in step 2, detect: context canceled")})
}
