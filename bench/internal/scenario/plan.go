package scenario

import (
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
)

// A Plan says how large scenarios are, and where their rows go.
type Plan struct {
	T *testing.T // lends its bubbles of virtual time
	// Write takes every row.
	Write func(result.Row) error
	// Progress gets a line for each turn.
	Progress io.Writer
	// Only are prefixes of the scenarios to run; none: all.
	Only []string
	// Sides are the names of the sides that take their turns; none: all.
	Sides []string
	Size  Size

	began time.Time
}

// A Size holds every number that decides how long a run takes.
type Size struct {
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
	Rolling     int // nodes of the rolling restart
}

// Full is a run for the record: under 30 minutes on two cores.
func Full() Size {
	return Size{
		Runs: 5, PacketTime: 200 * time.Millisecond, Tables: []int{1000, 10000, 50000},
		Steady: []int{16, 64, 128, 256}, Stored: 128, Window: 10 * time.Second,
		Virtual: []int{64, 256}, Minutes: time.Minute,
		Joins: 20, Kills: 30, Updates: 30, Group: 64, Lossy: 10 * time.Minute,
		BlockedRuns: 2, Blocked: 128, Starts: 50, Rolling: 5000,
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
		BlockedRuns: 1, Blocked: 16, Starts: 2, Rolling: 50,
	}
}

// Run runs everything.
func (p *Plan) Run() error {
	p.began = time.Now()
	for _, s := range []struct {
		name string
		run  func() error
	}{
		{"packet", p.packets},
		{"udp", p.udp},
		{"table", p.tables},
		{"memory", p.memory},
		{"life", p.life},
		{"steady", p.steady},
		{"rest", p.rest},
		{"join", p.join},
		{"detect", p.detect},
		{"update", p.update},
		{"blocked", p.blocked},
	} {
		if len(p.Only) > 0 && !slices.ContainsFunc(p.Only, func(o string) bool { return strings.HasPrefix(s.name, o) }) {
			continue
		}
		if err := s.run(); err != nil {
			return fmt.Errorf("scenario %s: %w", s.name, err)
		}
	}
	return nil
}

// turn is one side's turn: it collects, runs, and writes the row. A side that is not
// among those wanted has none.
func (p *Plan) turn(scenario, name, side string, run int, f func() (result.Row, error)) error {
	if len(p.Sides) > 0 && !slices.Contains(p.Sides, side) {
		return nil
	}
	runtime.GC()
	began := time.Now()
	row, err := f()
	if err != nil {
		return fmt.Errorf("%s, %s, run %d: %w", name, side, run, err)
	}
	row.Scenario, row.Case, row.Side, row.Run = scenario, name, side, run
	fmt.Fprintf(p.Progress, "%6.0fs  %-9s %-28s %-17s run %d  %.1fs\n",
		time.Since(p.began).Seconds(), scenario, name, side, run, time.Since(began).Seconds())
	return p.Write(row)
}

// perUnit are the values of a usage, per unit of work.
func perUnit(u meter.Usage, units float64) map[string]float64 {
	return map[string]float64{
		"cpu": u.CPU.Seconds() / units, "user": u.User.Seconds() / units, "wall": u.Wall.Seconds() / units,
		"mallocs": float64(u.Mallocs) / units, "bytes": float64(u.Bytes) / units,
	}
}

// alone runs f on one processor.
func alone(f func() error) error {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	return f()
}

// id is the id of a node.
func id(i int) string { return fmt.Sprintf("node-%05d", i) }

// address is that of a member that does not exist.
func address(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 7946)
}
