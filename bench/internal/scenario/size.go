package scenario

import "time"

// A Size holds every number that decides how long a run takes.
type Size struct {
	Timed       bool          // the expected durations of scenarios are those of this size
	Runs        int           // how often each cheap scenario is repeated
	PacketTime  time.Duration // how long one side handles packets
	Tables      []int         // members in tables
	Steady      []int         // real nodes
	Stored      int           // real nodes with values, and with a key
	Window      time.Duration // how long they are watched
	Virtual     []int         // nodes in virtual time
	Minutes     time.Duration // how long they rest, virtual
	Joins       int           // clusters that are grown
	Kills       int           // nodes that are killed, one after another
	Updates     int           // values that are changed, one after another
	Group       int           // nodes of those clusters
	Lossy       time.Duration // how long false deaths are looked for, virtual
	BlockedRuns int
	Blocked     int // nodes of which an eighth is blocked
	Starts      int // nodes that are started and stopped
	Rolling     int // nodes that are restarted, one after another
	Large       int // nodes of the simulated cluster
	LargeRolled int // those of them that are restarted
}

// Full is a run for the record: under 30 minutes on two cores.
func Full() Size {
	return Size{
		Timed: true, Runs: 5, PacketTime: 200 * time.Millisecond, Tables: []int{1000, 10000, 50000},
		Steady: []int{16, 64, 128, 256}, Stored: 128, Window: 10 * time.Second,
		Virtual: []int{64, 256}, Minutes: 4 * time.Minute,
		Joins: 20, Kills: 15, Updates: 30, Group: 64, Lossy: 6 * time.Minute,
		BlockedRuns: 1, Blocked: 128, Starts: 50, Rolling: 128, Large: 5000, LargeRolled: 250,
	}
}

// Quick is a smoke test: every scenario once, as small as it can be. Its figures mean
// nothing.
func Quick() Size {
	return Size{
		Runs: 1, PacketTime: 5 * time.Millisecond, Tables: []int{200},
		Steady: []int{8}, Stored: 8, Window: time.Second,
		Virtual: []int{8}, Minutes: 5 * time.Second,
		Joins: 1, Kills: 1, Updates: 1, Group: 8, Lossy: 5 * time.Second,
		BlockedRuns: 1, Blocked: 16, Starts: 2, Rolling: 24, Large: 50, LargeRolled: 5,
	}
}

// A part is a scenario of a plan.
type part struct {
	name     string
	run      func()
	expected time.Duration // on two cores of a server of 2020, at Full
	turns    int
}

// parts are all scenarios in their order: those that measure time come first, while the
// machine is as it was found, and those of virtual time last.
func (p *Plan) parts() []part {
	return []part{
		{name: "packet", run: p.packets, expected: 90 * time.Second},
		{name: "udp", run: p.udp, expected: 50 * time.Second},
		{name: "table", run: p.tables, expected: 80 * time.Second},
		{name: "memory", run: p.memory, expected: 20 * time.Second},
		{name: "life", run: p.life, expected: 5 * time.Second},
		{name: "steady", run: p.steady, expected: 750 * time.Second},
		{name: "rest", run: p.rest, expected: 110 * time.Second},
		{name: "large", run: p.large}, // beside what follows
		{name: "join", run: p.join, expected: 70 * time.Second},
		{name: "detect", run: p.detect, expected: 250 * time.Second},
		{name: "update", run: p.update, expected: 60 * time.Second},
		{name: "blocked", run: p.blocked, expected: 70 * time.Second},
		{name: "rolling", run: p.rolling, expected: 40 * time.Second},
	}
}
