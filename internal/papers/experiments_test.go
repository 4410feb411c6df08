package papers

import (
	"context"
	"strings"
	"testing"
)

// tiny runs the smallest version of an experiment.
func tiny(t *testing.T, e Experiment) func(setup string, at Point) Selection {
	t.Helper()
	tasks := e.Tasks(Tiny)
	results, err := Run(context.Background(), tasks, nil)
	if err != nil {
		t.Fatal(err)
	}
	f := File{Settings: map[string]string{}}
	f.Merge(tasks, results)
	return func(setup string, at Point) Selection {
		s := Data{e.Name: f}.Select(e.Name, setup, at)
		if len(s) == 0 {
			t.Fatalf("%s has no %s at %v", e.Name, setup, at)
		}
		return s
	}
}

// between fails unless a figure is within bounds, which are loose: the experiments are
// tiny.
func between(t *testing.T, what string, got, lo, hi float64) {
	t.Helper()
	if !(lo <= got && got <= hi) {
		t.Errorf("%s: %v, want %v to %v", what, got, lo, hi)
	}
}

func TestAQuietGroupSendsTwoMessagesPerMemberAndPeriod(t *testing.T) {
	get := tiny(t, swimLoad())
	between(t, "prototype", get("prototype", nil).Mean("sent"), 2, 2)
	between(t, "nekton", get("nekton", nil).Mean("sent"), 2, 2.2)
}

func TestACrashIsFoundWithinThePeriodsOfTheLaw(t *testing.T) {
	get := tiny(t, swimDetect())
	// A period by the paper's rule, and ProbeTimeout by ours.
	for setup, verdict := range map[string]float64{"prototype": 1, "nekton": 0.5} {
		s := get(setup, nil)
		between(t, setup+" first probe", s.Mean("probe"), 0.2, 2) // ours: a third on average
		between(t, setup+" from the first probe to suspicion", s.Mean("suspicion")-s.Mean("probe"), verdict-0.01, verdict+0.2)
	}
}

func TestAnUpdateReachesAllWithinThePeriodsOfTheLaw(t *testing.T) {
	get := tiny(t, swimSpread())
	between(t, "prototype, half", get("prototype", nil).Mean("half"), 1, 2)
	between(t, "prototype, all", get("prototype", nil).Mean("all"), 2, 3.5)
	between(t, "prototype, missed", get("prototype", nil).Sum("missed"), 0, 0)
	between(t, "nekton, all", get("nekton", nil).Mean("all"), 0, 1)
}

func TestAnAnomalyIsFoundAndLifeguardFindsNothingElse(t *testing.T) {
	get := tiny(t, lifeguardThreshold())
	held := Point{"fault": 0}
	between(t, "SWIM, first detection", get("SWIM", held).Quantile("first", 0.5), 11, 14)
	between(t, "nekton, first detection", get("nekton", held).Quantile("first", 0.5), 9, 13)
	between(t, "nekton, first to full", get("nekton", held).Quantile("between", 0.5), 0.1, 1)
	between(t, "nekton, false positives", get("nekton", held).Sum("fp"), 0, 0)
}

func TestPagesAreRenderedFromWhateverThereIs(t *testing.T) {
	page, err := Render(Data{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(page.Markdown), "# ") || len(page.Images) == 0 {
		t.Errorf("%d images, page %.100q", len(page.Images), page.Markdown)
	}
}

func TestCrashesAreFoundWhateverIsWrongAndNobodyElseIs(t *testing.T) {
	get := tiny(t, probing())
	for _, setup := range []string{"nekton", "nekton, shuffled"} {
		s := get(setup, nil)
		between(t, setup+", crashes found", float64(len(s.All("detection"))), crashesPerRun, crashesPerRun)
		between(t, setup+", false positives", s.Sum("fp"), 0, 0)
	}
	// Clocks that differ by up to a fifth of a period delay a probe by two at most.
	between(t, "first ping of a shared schedule, most", get("nekton", nil).Max("probe"), 0, 1.4)
}
