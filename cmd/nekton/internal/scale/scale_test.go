package scale_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/scale"
)

// measure measures a small cluster with a CPU clock that a test can trust: none.
func measure(t *testing.T, n int) *scale.Point {
	t.Helper()
	var phases []string
	p, err := scale.Measure(context.Background(), n, 1, func() time.Duration { return 0 }, func(phase string) { phases = append(phases, phase) })
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(phases, " "); got != "forming draining idling updating crashing weighing" {
		t.Errorf("phases %q", got)
	}
	return p
}

func TestAPointIsWhatTheProtocolPromises(t *testing.T) {
	p := measure(t, 24)
	switch {
	case p.Formed <= 0 || p.Formed > 5 || p.Drained < p.Formed:
		t.Errorf("formed after %v s, drained after %v s", p.Formed, p.Drained)
	case math.Abs(p.IdlePackets-2) > 0.1 || p.IdleStreams != 0:
		t.Errorf("idle: %v packets per second, %d streams", p.IdlePackets, p.IdleStreams)
	case len(p.Updates) != 8 || p.Updates[7] > 2:
		t.Errorf("updates reached the last after %v", p.Updates)
	case len(p.First) != 3 || p.First[0] < 5 || p.Full[2] > 20 || p.False != 0:
		t.Errorf("crashes found after %v, by all after %v, %d false", p.First, p.Full, p.False)
	case p.Heap < 1000:
		t.Errorf("%v bytes per node", p.Heap)
	}
}

func TestMeasuringEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	enough := errors.New("enough")
	cancel(enough)
	if _, err := scale.Measure(ctx, 4, 1, func() time.Duration { return 0 }, nil); !errors.Is(err, enough) {
		t.Error(err)
	}
}

func TestFitFindsTheLawThatMadeTheNumbers(t *testing.T) {
	n := []float64{10, 100, 1000, 10000}
	for name, shape := range map[string]func(float64) float64{"linear": func(x float64) float64 { return x }, "log": math.Log} {
		y := make([]float64, len(n))
		for i := range n {
			y[i] = 3 + 0.25*shape(n[i])
		}
		law := scale.Fit(n, y, shape)
		if math.Abs(law.A-3) > 1e-6 || math.Abs(law.B-0.25) > 1e-9 || law.Worst(n, y) > 1e-6 || math.Abs(law.At(1e6)-3-0.25*shape(1e6)) > 1e-3 {
			t.Errorf("%s: %+v", name, law)
		}
	}
	if law := scale.Fit(n, []float64{2, 2, 2, 2}, nil); law.A != 2 || law.At(5) != 2 {
		t.Errorf("constant: %+v", law)
	}
	if law := scale.Fit(n[:1], []float64{7}, math.Log); law.At(99) != 7 {
		t.Errorf("one size: %+v", law)
	}
}

func TestTheDocumentationIsWrittenFromTheDataAlone(t *testing.T) {
	dir := t.TempDir()
	points := []*scale.Point{measure(t, 8), measure(t, 16), measure(t, 32)}
	if err := scale.WriteDocs(dir, points); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("without a page: %v", err)
	}
	page := filepath.Join(dir, scale.PageFile)
	if err := os.WriteFile(page, []byte("# Scale\n\n<!-- measured: generated -->\nold\n<!-- /measured -->\nwords\n<!-- fitted: generated -->\n<!-- /fitted -->\nend\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := scale.WriteDocs(dir, points); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# Scale", "words", "end", "| nodes | 8 | 16 | 32 |", "| quantity | law |", "packets per second, idle", "*"} {
		if !strings.Contains(string(first), want) {
			t.Errorf("%q is missing in\n%s", want, first)
		}
	}
	if strings.Contains(string(first), "old") {
		t.Error("the former table is still there")
	}
	f, err := os.Open(filepath.Join(dir, scale.DataFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	read, err := scale.Read(f)
	if err != nil || !reflect.DeepEqual(read, points) {
		t.Fatalf("data: %v", err)
	}
	if err := scale.WriteDocs(dir, read); err != nil {
		t.Fatal(err)
	}
	if again, _ := os.ReadFile(page); string(again) != string(first) {
		t.Error("writing again from the data gives another page")
	}
	if charts, _ := filepath.Glob(filepath.Join(dir, "img", "scale-*.svg")); len(charts) != len(scale.Quantities()) {
		t.Errorf("%d charts", len(charts))
	}
}
