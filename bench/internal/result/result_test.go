package result

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestWhatIsWrittenIsReadBack(t *testing.T) {
	var b bytes.Buffer
	env := Environment{Machine: "m", Go: "go1.25", Versions: map[string]string{"a": "v1"}}
	w, err := NewWriter(&b, env)
	if err != nil {
		t.Fatal(err)
	}
	rows := []Row{
		{Scenario: "s", Case: "c", Side: "x", Run: 1, Values: map[string]float64{"cpu": 3}, Samples: map[string][]float64{"t": {2, 1}}},
		{Scenario: "s", Case: "c", Side: "x", Run: 2, Values: map[string]float64{"cpu": 1}, Samples: map[string][]float64{"t": {3}}},
		{Scenario: "s", Case: "c", Side: "y", Run: 1, Values: map[string]float64{"cpu": 9}},
	}
	for _, r := range rows {
		if err := w.Write(r); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Read(&b)
	if err != nil || !reflect.DeepEqual(s, Set{env, rows}) {
		t.Fatalf("%+v, %v", s, err)
	}
	if got := s.Value("s", "c", "x", "cpu"); got != (Spread{1, 2, 3, 2}) {
		t.Errorf("spread %+v", got)
	}
	if got := s.Sample("s", "c", "x", "t"); !reflect.DeepEqual(got, []float64{1, 2, 3}) {
		t.Errorf("samples %v", got)
	}
	if got := s.Sides("s", "c"); !reflect.DeepEqual(got, []string{"x", "y"}) {
		t.Errorf("sides %v", got)
	}
	if got := s.Cases("s"); !reflect.DeepEqual(got, []string{"c"}) {
		t.Errorf("cases %v", got)
	}
	if got := s.Value("s", "c", "z", "cpu"); got.Runs != 0 {
		t.Errorf("a side that did not run has %+v", got)
	}
}

func TestAFileWithoutEnvironmentIsRefused(t *testing.T) {
	for _, text := range []string{"", `{"scenario":"s"}` + "\n"} {
		if _, err := Read(strings.NewReader(text)); !errors.Is(err, ErrNoEnvironment) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAQuantileLiesBetweenItsNeighbours(t *testing.T) {
	for _, c := range []struct {
		q, want float64
	}{{0, 1}, {0.5, 2.5}, {1, 4}, {0.25, 1.75}} {
		if got := Quantile([]float64{1, 2, 3, 4}, c.q); got != c.want {
			t.Errorf("quantile %v is %v, want %v", c.q, got, c.want)
		}
	}
}
