package scenario

import (
	"errors"
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
	"github.com/nekton-go/nekton/bench/internal/side"
)

// A Plan says how large scenarios are, and where their rows go.
type Plan struct {
	T *testing.T // lends its bubbles of virtual time
	// Write takes every row.
	Write func(result.Row) error
	// Beside, if set, starts scenarios by their names in another process, and wait
	// returns when it has ended, with its rows.
	Beside func(only string) (wait func() ([]result.Row, error), err error)
	// Progress gets a line for each turn.
	Progress io.Writer
	// Only are prefixes of the scenarios to run; none: all.
	Only []string
	// Sides are the names of the sides that take their turns; none: all.
	Sides []string
	Size  Size

	list     func(scenario, name, side string, run int) // turns are listed, and not run
	progress progress
	failed   []error                        // turns
	pending  []func() ([]result.Row, error) // that run beside
	broken   error                          // of Write: there is no point in going on
}

// Run runs everything. A turn that fails has a row that says so, and the others go on;
// the error joins all that failed.
func (p *Plan) Run() error {
	var wanted []part
	for _, s := range p.parts() {
		if p.wants(s.name) {
			wanted = append(wanted, s)
		}
	}
	for i := range wanted {
		p.list = func(string, string, string, int) { wanted[i].turns++ }
		wanted[i].run()
	}
	p.list = nil
	p.progress = begin(wanted, p.Size.Timed)
	for _, s := range wanted {
		p.progress.enter(s.name)
		s.run()
	}
	for _, wait := range p.pending {
		rows, err := wait()
		for _, row := range rows {
			p.write(row)
		}
		if err != nil {
			p.failed = append(p.failed, err)
		}
	}
	return errors.Join(append(p.failed, p.broken)...)
}

// List names every turn of all scenarios, and runs none.
func (p *Plan) List(each func(scenario, name, side string, run int)) {
	p.list = each
	for _, s := range p.parts() {
		s.run()
	}
	p.list = nil
}

func (p *Plan) wants(name string) bool {
	return len(p.Only) == 0 || slices.ContainsFunc(p.Only, func(o string) bool { return strings.HasPrefix(name, o) })
}

// turn is one side's turn: it collects, runs, and writes the row. A side that is not
// among those wanted has none.
func (p *Plan) turn(scenario, name, kind string, run int, f func() (result.Row, error)) {
	if p.broken != nil || len(p.Sides) > 0 && !slices.Contains(p.Sides, kind) {
		return
	}
	if p.list != nil {
		p.list(scenario, name, kind, run)
		return
	}
	runtime.GC()
	began := time.Now()
	row, err := f()
	if err != nil {
		row = result.Row{Failed: err.Error()}
		p.failed = append(p.failed, fmt.Errorf("%s, %s, %s, run %d: %w", scenario, name, kind, run, err))
	}
	row.Scenario, row.Case, row.Side, row.Run, row.Took = scenario, name, kind, run, time.Since(began).Seconds()
	p.write(row)
}

// write hands a row on.
func (p *Plan) write(row result.Row) {
	what := fmt.Sprintf("%-9s %-34s %-17s run %d  %.1fs", row.Scenario, row.Case, row.Side, row.Run+1, row.Took)
	if row.Failed != "" {
		what += "  FAILED: " + row.Failed
	}
	fmt.Fprintf(p.Progress, "%s  %s\n", p.progress.next(), what)
	if err := p.Write(row); err != nil {
		p.broken = err
	}
}

// computed is the row of a floor that is arithmetic, once for all runs.
func (p *Plan) computed(scenario, name, how string, row result.Row) {
	p.turn(scenario, name, side.Floor, 0, func() (result.Row, error) {
		row.Computed = how
		return row, nil
	})
}

// perUnit are the values of a usage, per unit of work.
func perUnit(u meter.Usage, units float64) map[string]float64 {
	return map[string]float64{
		"cpu": u.CPU.Seconds() / units, "user": u.User.Seconds() / units, "wall": u.Wall.Seconds() / units,
		"mallocs": float64(u.Mallocs) / units, "bytes": float64(u.Bytes) / units,
	}
}

// alone runs f on one processor.
func alone(f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f()
}

// id is the id of a node.
func id(i int) string { return fmt.Sprintf("node-%05d", i) }

// address is that of a member that does not exist.
func address(i int) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}), 7946)
}
