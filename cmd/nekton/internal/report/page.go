package report

import "github.com/nekton-go/nekton/internal/chart"

// A Page is all that is known about one run of the simulator. Only Title is required:
// what is empty or nil is left out of the page. Times are seconds; those called At,
// From, To and Times count from the start of the run.
//
// The page holds it as JSON too, under the names of the fields, in an element with the
// id "nekton-data". Numbers have to be finite.
type Page struct {
	Title    string // what was simulated
	Headline string // what came out, in one sentence
	Failed   bool   // whether the run violated an invariant or an expectation
	Command  string // what repeats the run, as one types it
	Seed     uint64
	Duration float64 // of simulated time
	Config   []Setting
	Tiles    []Tile

	Faults         []Fault
	Dissemination  *Dissemination
	Detection      *Detection
	FalsePositives *FalsePositives
	Traffic        *Traffic
	Convergence    *Convergence
	Members        *Members
	Quorum         *Quorum
	More           []Section `json:"-"` // what has no place above, such as a sweep
	Invariants     []Invariant
}

// A Setting is a row of the configuration table.
type Setting struct {
	Name, Value string
	Default     string `json:",omitempty"` // if it differs from Value, the row is marked
	Note        string `json:",omitempty"` // what it does, in a few words
}

// A Verdict compares a figure with what was expected.
type Verdict string

// The verdicts.
const (
	Unjudged Verdict = ""
	Met      Verdict = "met"    // as expected, or better
	Near     Verdict = "near"   // not quite
	Missed   Verdict = "missed" // worse than expected
)

// A Tile is a key figure.
type Tile struct {
	Label    string
	Value    string    // as it is to be read, without its unit
	Unit     string    // short, such as "s" or "B/s"
	Expected string    // what to compare with, such as "predicted 4.0–10.2 s"
	Verdict  Verdict   // the comparison
	Course   []float64 // over the run, evenly spaced, for a sparkline; may be nil
}

// A Fault is something that was done to the cluster. To is From if it was over at once,
// and at least Duration if it was never undone.
type Fault struct {
	From, To float64
	Kind     string   // "crash", "partition", "pause", …: one row of the timeline each
	Members  []string // to whom; nil for the network as a whole
	What     string   // in words
}

// A Curve is a series of points.
type Curve struct {
	Name   string
	Points []chart.Point
}

// Dissemination is how updates spread.
type Dissemination struct {
	Updates []Spread
	// Expected are closed forms: the share of members that know (0 to 1) over the
	// seconds since the update.
	Expected []Curve
}

// A Spread is the way of one update through the cluster.
type Spread struct {
	Name string
	// Learned are the seconds from the update until each member knew, sorted; the
	// first is that of its origin, 0. Members that never knew are missing.
	Learned []float64
	Members int // that should have known
}

// Detection is how long crashes went unnoticed. The times are seconds since the crash,
// one per crash for which it happened, in any order.
type Detection struct {
	Crashes   int
	Suspected []float64 // until some member suspected it
	First     []float64 // until some member declared it dead
	Full      []float64 // until every live member knew it dead
	// Expected are moments to compare with, in seconds since the crash.
	Expected []Prediction
	// Laws are predicted distributions: shares (0 to 1) over seconds since the crash.
	Laws []Curve
}

// A Prediction is a value on the time axis with its name.
type Prediction struct {
	Name string
	At   float64
}

// FalsePositives counts what was said of members that were well, in equal parts of the
// run. All slices have the same length.
type FalsePositives struct {
	Width     float64   // of one part, in seconds
	Suspected []float64 // suspicions raised
	Refuted   []float64 // suspicions taken back
	Dead      []float64 // declared dead
}

// Quantiles are the same measurement over all nodes, at each of some Times.
type Quantiles struct {
	Median []float64
	P99    []float64
	Max    []float64 `json:",omitempty"` // may be nil
	// Expected is the value of the idle cluster that theory gives; 0 if there is none.
	Expected float64 `json:",omitempty"`
}

// Traffic is what a node sent per second.
type Traffic struct {
	Times   []float64
	Packets Quantiles
	Bytes   Quantiles
}

// Convergence is how far the views of the nodes agreed. All slices are as long as Times.
type Convergence struct {
	Times  []float64
	Views  []float64 // distinct views: different numbers of members that running nodes list
	Listed []float64 // members that the median node lists as alive
	Up     []float64 // nodes that really ran
}

// State is what a cluster holds of a member.
type State string

// The states of a member, and what is drawn over them.
const (
	Unknown State = "unknown"
	Alive   State = "alive"
	Suspect State = "suspect"
	Dead    State = "dead"
	Left    State = "left"
	// Down says that the member's node really did not run, whatever was held of it.
	Down State = "not running"
)

// Members are the timelines of members; more than 64 are hard to read.
type Members struct {
	// Observer is whose view it is, such as "the median member".
	Observer string
	Rows     []MemberRow
}

// A MemberRow is the timeline of one member. Spans with state Down are drawn over the
// others, which do not overlap.
type MemberRow struct {
	Name  string
	Spans []StateSpan
}

// A StateSpan is a time in one state.
type StateSpan struct {
	From, To float64
	State    State
	Note     string `json:",omitempty"`
}

// Quorum counts the running nodes by their own status. Counts are as long as Times.
type Quorum struct {
	Times  []float64
	Status []StatusCount
}

// A StatusCount is the number of nodes with one status. The names of types.NodeStatus
// have their own colours.
type StatusCount struct {
	Name   string
	Counts []float64
}

// An Invariant is a law that was checked during the run.
type Invariant struct {
	Name       string
	Sentence   string // what must hold
	Checks     uint64
	Violations []string // empty if it held
}

// A Section is a part of the page: a sentence in plain words, and figures.
type Section struct {
	Title   string
	Explain string
	Figures []chart.Figure
}
