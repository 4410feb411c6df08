package trialview

import (
	"bytes"
	"context"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/cmd/nekton/internal/report"
	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/sim/virtual"
)

func TestFiguresAreWrittenAsPeopleReadThem(t *testing.T) {
	for got, want := range map[string]string{
		Seconds(0): "0 ms", Seconds(203 * time.Millisecond): "203 ms", Seconds(8225 * time.Millisecond): "8.225 s",
		Seconds(90 * time.Second): "90 s", Seconds(3 * time.Minute): "3m0s",
		Bytes(0.25): "0.25 B", Bytes(42): "42 B", Bytes(1500): "1.5 kB", Bytes(2.5e6): "2.5 MB", Bytes(3e9): "3 GB",
		Group(7): "7", Group(1234): "1,234", Group(1234567): "1,234,567",
		span(5 * time.Minute): "5m", span(time.Hour): "1h", span(90 * time.Second): "1m30s", span(10 * time.Second): "10s",
		quantiles(nil): "never", quantiles([]time.Duration{time.Second, 2 * time.Second}): "1 s, 2 s",
		quantiles([]time.Duration{1e9, 2e9, 3e9, 4e9}): "p50 2 s, p99 4 s, max 4 s",
	} {
		if got != want {
			t.Errorf("written %q, want %q", got, want)
		}
	}
}

func TestPredictionsAreThoseOfThePapers(t *testing.T) {
	p := trial.Plan{Nodes: 128}.WithDefaults()
	least, median, p99 := detection(&p)
	// A probe of 500 ms, and 4 log10(128) periods of suspicion.
	want := 500*time.Millisecond + 8429*time.Millisecond
	if least != want || (median-least).Round(time.Millisecond) != 293*time.Millisecond || p99-least != 900*time.Millisecond {
		t.Errorf("first verdict: %v, %v, %v", least, median, p99)
	}
	p.Swim.Rules.IgnoreSilence = true
	least, median, p99 = detection(&p)
	if least != want || median-least != 500*time.Millisecond || p99-least != 990*time.Millisecond {
		t.Errorf("first verdict if silence is ignored: %v, %v, %v", least, median, p99)
	}
	p.Swim.NoCoordinatedProbing = true
	least, median, p99 = detection(&p)
	if least != want || median-least != 693*time.Millisecond || p99-least != 4605*time.Millisecond {
		t.Errorf("first verdict in shuffled orders: %v, %v, %v", least, median, p99)
	}
	p.Swim.Rules.VerdictAtPeriodEnd = true
	if least, _, _ = detection(&p); least != want+500*time.Millisecond {
		t.Errorf("first verdict by the rule of the papers: %v", least)
	}
	// log4 128 + ln(128)/3 rounds of 200 ms.
	if got := spreading(&p); math.Abs(got.Seconds()-5.117*0.2) > 0.002 {
		t.Errorf("spreading takes %v", got)
	}
	p.Network = &virtual.Network{Link: virtual.Link{Loss: 0.3}}
	if lossy := spreading(&p); lossy <= time.Duration(5.2*0.2*1e9) {
		t.Errorf("spreading at 30 %% loss takes %v", lossy)
	}
	if got := idlePackets(&p); got != 2 {
		t.Errorf("idle packets %v", got)
	}
	if a, b := logistic(128, 3, 0.2, 0), logistic(128, 3, 0.2, 2); math.Abs(a-1.0/128) > 1e-12 || b < 0.999 {
		t.Errorf("the logistic curve goes from %v to %v", a, b)
	}
}

func TestAnOutcomeIsToldWhole(t *testing.T) {
	o, err := trial.Run(context.Background(), trial.Plan{
		Nodes: 12, For: time.Minute, Seed: 1, Quorum: true, Laws: true,
		Faults: []trial.Fault{{Kind: trial.Crash, Count: 2, For: 30 * time.Second, At: 5 * time.Second}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	p := Page(o, "nekton sim")
	switch {
	case p.Failed || p.Command != "nekton sim" || p.Headline == "":
		t.Errorf("%+v", p)
	case p.Dissemination == nil || p.Detection == nil || p.FalsePositives == nil || p.Traffic == nil || p.Convergence == nil || p.Quorum == nil:
		t.Error("a section is missing")
	case p.Members == nil || len(p.Members.Rows) < 11 || len(p.Invariants) == 0 || len(p.Faults) != 1 || len(p.Tiles) < 6:
		t.Errorf("%d rows, %d invariants, %d faults, %d tiles", len(p.Members.Rows), len(p.Invariants), len(p.Faults), len(p.Tiles))
	case p.Detection.Crashes != 2 || len(p.Detection.First) != 2 || math.Abs(p.Faults[0].To-p.Faults[0].From-30) > 1e-6:
		t.Errorf("%+v, %+v", p.Detection, p.Faults)
	}
	down := 0
	for _, row := range p.Members.Rows {
		for _, s := range row.Spans {
			if s.State == report.Down {
				down++
			}
			if s.To < s.From {
				t.Errorf("%s: from %v to %v", row.Name, s.From, s.To)
			}
		}
	}
	if down != 2 {
		t.Errorf("%d members were down", down)
	}
	var page, text, plain bytes.Buffer
	if err := WritePage(&page, o, "nekton sim"); err != nil {
		t.Fatal(err)
	}
	Text(&text, o, Colour(), Effort{CPU: time.Second, Heap: 1 << 20})
	Text(&plain, o, Style{}, Effort{})
	if !strings.Contains(text.String(), "\x1b[") || strings.Contains(plain.String(), "\x1b[") {
		t.Error("colours are where they should not be, or the other way round")
	}
	for _, want := range []string{"simulator", "node-seconds per CPU second"} {
		if !strings.Contains(text.String(), want) || strings.Contains(plain.String(), want) {
			t.Errorf("%q is told without an effort, or not with one", want)
		}
	}
}
