package trialview

import (
	"encoding/json"
	"io"
	"time"

	"github.com/nekton-go/nekton/sim"
	"github.com/nekton-go/nekton/sim/trial"
	"github.com/nekton-go/nekton/swim"
)

// The JSON of an outcome. Times are seconds, of the virtual clock; what did not happen
// is null.
type outcomeJSON struct {
	Title        string       `json:"title"`
	OK           bool         `json:"ok"`
	Nodes        int          `json:"nodes"`
	Seed         uint64       `json:"seed"`
	Formed       *float64     `json:"formed_s"`
	Observed     float64      `json:"observed_s"`
	Rested       *float64     `json:"rested_s"`
	Disagreement string       `json:"disagreement,omitempty"`
	Violation    string       `json:"violation,omitempty"`
	Faults       []faultJSON  `json:"faults"`
	Crashes      []crashJSON  `json:"crashes"`
	Updates      []updateJSON `json:"updates"`
	Events       eventsJSON   `json:"events"`
	Traffic      trafficJSON  `json:"traffic"`
	Samples      []sim.Sample `json:"samples"`
	Happened     uint64       `json:"happened"`
	CPU          float64      `json:"cpu_s"`
	Heap         uint64       `json:"heap_bytes"`
}

type faultJSON struct {
	Kind  trial.FaultKind `json:"kind"`
	From  float64         `json:"from_s"`
	To    float64         `json:"to_s"`
	Nodes []string        `json:"nodes"`
}

type crashJSON struct {
	Node      string   `json:"node"`
	At        float64  `json:"at_s"`
	Suspected *float64 `json:"suspected_s"`
	First     *float64 `json:"first_s"`
	All       *float64 `json:"all_s"`
}

type updateJSON struct {
	Owner   string   `json:"owner"`
	At      float64  `json:"at_s"`
	Asked   int      `json:"asked"`
	Reached int      `json:"reached"`
	Last    *float64 `json:"last_s"`
}

type eventsJSON struct {
	Suspected    uint64 `json:"suspected"`
	Refuted      uint64 `json:"refuted"`
	Failed       uint64 `json:"failed"`
	False        uint64 `json:"false"`
	FalseHealthy uint64 `json:"false_by_healthy"`
}

type trafficJSON struct {
	NodeSeconds float64 `json:"node_seconds"`
	Packets     uint64  `json:"packets"`
	Bytes       uint64  `json:"bytes"`
	Lost        uint64  `json:"packets_lost"`
	Streams     uint64  `json:"streams"`
	StreamBytes uint64  `json:"stream_bytes"`
}

// JSON writes an outcome as one object, indented.
func JSON(w io.Writer, o *trial.Outcome, effort Effort) error {
	j := outcomeJSON{
		Title: Title(o), OK: o.OK(), Nodes: o.Plan.Nodes, Seed: o.Plan.Seed, Formed: happened(o.Formed),
		Observed: max(0, o.Ended-o.Began).Seconds(), Rested: happened(o.Rested), Samples: o.Samples,
		Events: eventsJSON{
			o.Events[swim.EventSuspected], o.Events[swim.EventRefuted], o.Events[swim.EventFailed], o.False, o.FalseHealthy,
		},
		Traffic: trafficJSON{
			o.NodeSeconds, o.Traffic.PacketsOut, o.Traffic.BytesOut, o.Traffic.PacketsLost, o.Traffic.StreamsOpened, o.Traffic.StreamBytesOut,
		},
		Happened: o.Happened, CPU: effort.CPU.Seconds(), Heap: effort.Heap,
		Faults: []faultJSON{}, Crashes: []crashJSON{}, Updates: []updateJSON{},
	}
	if o.Disagreement != nil {
		j.Disagreement = reason(o.Disagreement)
	}
	if o.Violation != nil {
		j.Violation = o.Violation.Error()
	}
	for _, s := range o.Struck {
		f := faultJSON{s.Fault.Kind, s.From.Seconds(), s.To.Seconds(), nil}
		for _, n := range s.Nodes {
			f.Nodes = append(f.Nodes, string(n))
		}
		j.Faults = append(j.Faults, f)
	}
	for _, d := range o.Detections {
		j.Crashes = append(j.Crashes, crashJSON{string(d.Node), d.At.Seconds(), happened(d.Suspected), happened(d.First), happened(d.All)})
	}
	for _, s := range o.Updates {
		j.Updates = append(j.Updates, updateJSON{string(s.Owner.Name), s.At.Seconds(), s.Asked, s.Reached, happened(s.Last())})
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(j)
}

// happened is a time in seconds, or nothing.
func happened(d time.Duration) *float64 {
	if d < 0 {
		return nil
	}
	s := d.Seconds()
	return &s
}
