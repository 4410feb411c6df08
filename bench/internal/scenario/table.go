package scenario

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/nekton-go/nekton/bench/internal/meter"
	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// tables measures one push-pull between two nodes over TCP on loopback, both in this
// process and both counted: in sync, and with a part of the rows newer at one side. It is
// the one that joining makes, which every side can be told to make; those that memberlist
// makes at its interval are the same. nekton v2 opens no stream at its interval while
// tables agree: what it does then is in the scenario of a ping, on which the fingerprints ride.
// The floor is a stream with two fingerprints, and the content of the rows that differ.
func (p *Plan) tables() {
	for run := range min(p.Size.Runs, 3) {
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
					p.turn("table", name, k.String(), run, func() (result.Row, error) { return pushPull(k, n, n*differ/100) })
				}
				p.turn("table", name, side.Floor, run, func() (result.Row, error) { return bareTables(n * differ / 100) })
			}
		}
	}
}

func pushPull(k side.Kind, n, differ int) (result.Row, error) {
	var traffic side.Traffic
	var nodes [2]*fed
	for i := range nodes {
		m, err := newFed(k, side.Setup{ID: fmt.Sprint("node", i), Pace: still(), Medium: side.Loopback{Traffic: &traffic}})
		if err != nil {
			return result.Row{}, err
		}
		defer m.Kill()
		if err := m.learnOf(0, n, 1, some); err != nil {
			return result.Row{}, err
		}
		nodes[i] = m
	}
	// They meet, tell each other of themselves, and are in sync when they do it again.
	took := time.Duration(0)
	for range 2 {
		var err error
		if took, err = exchange(1, nodes[0], nodes[1]); err != nil {
			return result.Row{}, err
		}
	}
	// What is cheap is done several times between two readings, which cost something
	// themselves, and repeated until it can be weighed.
	const weighty = 100 * time.Millisecond
	together := 1
	if differ == 0 {
		together = int(min(20, max(1, weighty/2/took)))
	}
	var sum meter.Usage
	var moved int64
	rounds := 0
	for rounds == 0 || rounds < 50 && sum.CPU < weighty {
		if differ > 0 {
			if err := nodes[1].learnOf(0, differ, rounds+2, func(j int) []byte { return some(j + rounds + 2) }); err != nil {
				return result.Row{}, err
			}
		}
		bytes, before := traffic.StreamBytes.Load(), meter.Read()
		if _, err := exchange(together, nodes[0], nodes[1]); err != nil {
			return result.Row{}, err
		}
		used := meter.Read().Since(before)
		sum.CPU, sum.User = sum.CPU+used.CPU, sum.User+used.User
		sum.Mallocs, sum.Bytes = sum.Mallocs+used.Mallocs, sum.Bytes+used.Bytes
		moved += traffic.StreamBytes.Load() - bytes
		rounds += together
	}
	if a, b := nodes[0].Alive(), nodes[1].Alive(); a != n+2 || b != n+2 {
		return result.Row{}, fmt.Errorf("lists of %d and %d members, not %d", a, b, n+2)
	}
	row := result.Row{Values: perUnit(sum, float64(rounds))}
	delete(row.Values, "wall")
	row.Values["traffic"] = float64(moved) / float64(rounds)
	return row, nil
}

// exchange has one node push and pull with the other, several times, and returns how long
// it took. The side that was joined may merge after the joiner is done, so that there is a
// pause in the end, in which nothing else runs.
func exchange(times int, from, to *fed) (time.Duration, error) {
	began := time.Now()
	for range times {
		if err := from.Join(to.Addr()); err != nil {
			return 0, err
		}
	}
	took := time.Since(began)
	<-time.After(20*time.Millisecond + 2*took)
	return max(took, time.Microsecond), nil
}

// bareTables is the floor: two fingerprints of 16 bytes, and the content of some rows.
func bareTables(rows int) (result.Row, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return result.Row{}, err
	}
	defer l.Close()
	const repeat, print = 20, 16
	content := make([]byte, rows*(contentLen+metaLen))
	failed := make(chan error, 1)
	go func() {
		failed <- func() error {
			into := make([]byte, print+len(content))
			for range repeat {
				c, err := l.Accept()
				if err != nil {
					return err
				}
				if _, err = io.ReadFull(c, into[:print]); err == nil {
					_, err = c.Write(into[:print])
				}
				if err == nil {
					_, err = io.ReadFull(c, into[:len(content)])
				}
				if err = errors.Join(err, c.Close()); err != nil {
					return err
				}
			}
			return nil
		}()
	}()
	before := meter.Read()
	for range repeat {
		c, err := net.Dial("tcp4", l.Addr().String())
		if err != nil {
			return result.Row{}, err
		}
		print := make([]byte, print)
		if _, err = c.Write(print); err == nil {
			_, err = io.ReadFull(c, print)
		}
		if err == nil {
			_, err = c.Write(content)
		}
		if err = errors.Join(err, c.Close()); err != nil {
			return result.Row{}, err
		}
	}
	if err := <-failed; err != nil {
		return result.Row{}, err
	}
	row := result.Row{Values: perUnit(meter.Read().Since(before), repeat)}
	delete(row.Values, "wall")
	row.Values["traffic"] = float64(2*print + len(content))
	return row, nil
}
