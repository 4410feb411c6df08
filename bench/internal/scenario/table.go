package scenario

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// tables measures one push-pull between two nodes over TCP on loopback, both in this
// process and both counted: in sync, and with a part of the rows newer at one side.
func (p *Plan) tables() error {
	runs := min(p.Size.Runs, 3)
	for run := range runs {
		for _, n := range p.Size.Tables {
			if n > 10000 && run > 0 {
				continue
			}
			for _, differ := range []int{0, 1, 10} {
				name := fmt.Sprintf("%d members, %d %% differ", n, differ)
				for _, k := range side.All() {
					if n > 10000 && k != side.Memberlist && k != side.NektonV2 {
						continue
					}
					if err := p.turn("table", name, k.String(), run, func() (result.Row, error) { return pushPull(k, n, n*differ/100) }); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

func pushPull(k side.Kind, n, differ int) (result.Row, error) {
	var traffic side.Traffic
	var nodes [2]*fed
	for i := range nodes {
		m, err := newFed(k, fmt.Sprint("node", i), still(), side.Loopback{Traffic: &traffic})
		if err != nil {
			return result.Row{}, err
		}
		defer m.Kill()
		if err := m.learnOf(0, n, 1, some); err != nil {
			return result.Row{}, err
		}
		nodes[i] = m
	}
	// They meet, and tell each other of themselves.
	if err := exchange(nodes[0], nodes[1]); err != nil {
		return result.Row{}, err
	}
	repeat := max(1, min(10, 20000/n))
	if differ > 0 {
		repeat = max(1, min(3, 20000/n))
	}
	var sum meter.Usage
	var moved int64
	for i := range repeat {
		if differ > 0 {
			if err := nodes[1].learnOf(0, differ, i+2, func(j int) []byte { return some(j + i + 2) }); err != nil {
				return result.Row{}, err
			}
		}
		bytes, before := traffic.StreamBytes.Load(), meter.Read()
		if err := exchange(nodes[0], nodes[1]); err != nil {
			return result.Row{}, err
		}
		used := meter.Read().Since(before)
		sum.CPU, sum.User = sum.CPU+used.CPU, sum.User+used.User
		sum.Mallocs, sum.Bytes = sum.Mallocs+used.Mallocs, sum.Bytes+used.Bytes
		moved += traffic.StreamBytes.Load() - bytes
	}
	if a, b := nodes[0].Alive(), nodes[1].Alive(); a != n+2 || b != n+2 {
		return result.Row{}, fmt.Errorf("lists of %d and %d members, not %d", a, b, n+2)
	}
	row := result.Row{Values: perUnit(sum, float64(repeat))}
	delete(row.Values, "wall")
	row.Values["traffic"] = float64(moved) / float64(repeat)
	return row, nil
}

// exchange has one node push and pull with the other. The side that was joined may
// merge after the joiner is done, so that there is a pause, in which nothing else runs.
func exchange(from, to *fed) error {
	began := time.Now()
	if err := from.Join(to.Addr()); err != nil {
		return err
	}
	<-time.After(20*time.Millisecond + 2*time.Since(began))
	return nil
}
