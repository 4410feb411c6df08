package swim_test

import (
	"container/heap"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// cluster runs real cores on a virtual clock and a virtual network. One seed
// determines everything that happens.
type cluster struct {
	t     testing.TB
	now   time.Duration
	rand  *rand.Rand
	queue occurrences
	count uint64
	nodes map[string]*process
	order []string
	at    map[netip.AddrPort]*process

	delay   time.Duration
	jitter  time.Duration
	loss    float64
	blocked func(from, to *process) bool // packets and streams
	trace   func(format string, args ...any)
	packet  func(from *process, to netip.AddrPort, b []byte, lost bool) // sees every packet
	event   func(p *process, e swim.Event)                              // sees every event
	check   func(p *process)                                            // runs after every input

	unchecked bool // invariants take most of the time of a large group

	packets int
	bytes   int
	streams int
}

// A process is one core and what surrounds it.
type process struct {
	name   string
	addr   netip.AddrPort
	core   *swim.Core
	dead   bool
	paused bool
	inbox  []func()
	wake   time.Duration
	events []swim.Event
	rider  *notes
}

func newCluster(t testing.TB, seed uint64) *cluster {
	return &cluster{
		t: t, rand: rand.New(rand.NewPCG(seed, 1)), nodes: map[string]*process{}, at: map[netip.AddrPort]*process{},
		delay: time.Millisecond, jitter: time.Millisecond,
	}
}

type occurrence struct {
	at    time.Duration
	order uint64
	do    func()
}

type occurrences []occurrence

func (q occurrences) Len() int { return len(q) }
func (q occurrences) Less(i, j int) bool {
	return q[i].at < q[j].at || q[i].at == q[j].at && q[i].order < q[j].order
}
func (q occurrences) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *occurrences) Push(x any)   { *q = append(*q, x.(occurrence)) }
func (q *occurrences) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// after schedules something.
func (cl *cluster) after(d time.Duration, do func()) {
	cl.count++
	heap.Push(&cl.queue, occurrence{cl.now + d, cl.count, do})
}

// run lets virtual time pass.
func (cl *cluster) run(d time.Duration) {
	end := cl.now + d
	for len(cl.queue) > 0 && cl.queue[0].at <= end {
		o := heap.Pop(&cl.queue).(occurrence)
		cl.now = o.at
		o.do()
	}
	cl.now = end
}

// until lets time pass until cond holds, and fails the test if it does not within
// limit. It returns how long it took.
func (cl *cluster) until(limit time.Duration, what string, cond func() bool) time.Duration {
	cl.t.Helper()
	start := cl.now
	for !cond() {
		if cl.now-start >= limit {
			cl.t.Fatalf("after %v still not: %s", limit, what)
		}
		cl.run(10 * time.Millisecond)
	}
	return cl.now - start
}

const epoch = 1_700_000_000_000 // the wall clock at virtual time zero, in ms

func (cl *cluster) wall() time.Time { return time.UnixMilli(epoch).Add(cl.now) }

// boot starts a process under a name, at the address of the number.
func (cl *cluster) boot(name string, number int, adjust func(*swim.Config)) *process {
	cl.t.Helper()
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(number >> 8), byte(number)}), 7946)
	codec, err := wirev2.New("test", "v2")
	if err != nil {
		cl.t.Fatal(err)
	}
	p := &process{name: name, addr: addr, rider: newNotes(name)}
	cfg := swim.Config{
		Name: name, Addr: addr, ClusterID: "test", Version: "v2", Codec: codec, Rider: p.rider,
		Rand: rand.New(rand.NewPCG(cl.rand.Uint64(), cl.rand.Uint64())), Wall: cl.wall(),
		Life: swim.Life{Generation: 1, Boot: swim.Boot(cl.wall().UnixMilli())},
	}
	if adjust != nil {
		adjust(&cfg)
	}
	p.core, err = swim.New(cfg, cl.now)
	if err != nil {
		cl.t.Fatal(err)
	}
	cl.nodes[name], cl.at[addr] = p, p
	if !slices.Contains(cl.order, name) {
		cl.order = append(cl.order, name)
	}
	cl.settle(p)
	return p
}

// start boots n processes, n0 … , and joins all but the first through it.
func (cl *cluster) start(n int, adjust func(*swim.Config)) []*process {
	cl.t.Helper()
	ps := make([]*process, n)
	for i := range ps {
		ps[i] = cl.boot(fmt.Sprintf("n%d", i), i+1, adjust)
		if i > 0 {
			cl.join(ps[i], ps[0])
		}
	}
	return ps
}

func (cl *cluster) join(p *process, seeds ...*process) {
	var addrs []netip.AddrPort
	for _, s := range seeds {
		addrs = append(addrs, s.addr)
	}
	cl.input(p, func() { p.core.Join(cl.now, addrs) })
}

// crash ends a process without a word.
func (cl *cluster) crash(p *process) {
	p.dead = true
	if cl.at[p.addr] == p {
		delete(cl.at, p.addr)
	}
}

// pause freezes a process: what reaches it waits, its timers are late.
func (cl *cluster) pause(p *process) { p.paused = true }

// resume lets a paused process go on.
func (cl *cluster) resume(p *process) {
	p.paused = false
	inbox := p.inbox
	p.inbox = nil
	for _, do := range inbox {
		do()
	}
	cl.input(p, func() { p.core.HandleTimeout(cl.now) })
}

// input calls a core and settles what it wants; a paused process gets it later, a
// dead one never.
func (cl *cluster) input(p *process, do func()) {
	switch {
	case p.dead:
	case p.paused:
		p.inbox = append(p.inbox, func() { cl.input(p, do) })
	default:
		do()
		cl.settle(p)
	}
}

// settle carries out what a core wants done.
func (cl *cluster) settle(p *process) {
	for at, ok := p.core.NextDeadline(); ok && at <= cl.now; at, ok = p.core.NextDeadline() {
		p.core.HandleTimeout(cl.now)
	}
	if !cl.unchecked {
		if err := p.core.CheckInvariants(); err != nil {
			cl.t.Fatalf("%v %s: %v", cl.now, p.name, err)
		}
	}
	if cl.check != nil {
		cl.check(p)
	}
	var batch swim.Batch
	p.core.TakePackets(&batch)
	for i := range batch.Len() {
		to, b := batch.At(i)
		cl.send(p, to, slices.Clone(b))
	}
	var dials []swim.Dial
	p.core.TakeDials(&dials)
	for _, d := range dials {
		cl.dial(p, d)
	}
	var events []swim.Event
	p.core.TakeEvents(&events)
	for _, e := range events {
		if cl.trace != nil {
			cl.trace("%8.3f %s: %v %s %v from=%s err=%v", cl.now.Seconds(), p.name, e.Kind, e.Name, e.Stamp, e.From, e.Err)
		}
		if cl.event != nil {
			cl.event(p, e)
		}
		if e.Kind != swim.EventProbed {
			p.events = append(p.events, e)
		}
	}
	if at, ok := p.core.NextDeadline(); ok && (p.wake == 0 || at < p.wake || p.wake <= cl.now) {
		p.wake = at
		cl.after(at-cl.now, func() {
			if p.wake == at {
				p.wake = 0
			}
			cl.input(p, func() {
				if due, ok := p.core.NextDeadline(); ok && due <= cl.now {
					p.core.HandleTimeout(cl.now)
				}
			})
		})
	}
}

func (cl *cluster) latency() time.Duration {
	if cl.jitter == 0 {
		return cl.delay
	}
	return cl.delay + time.Duration(cl.rand.Int64N(int64(cl.jitter)))
}

func (cl *cluster) reaches(from, to *process) bool {
	return to != nil && !to.dead && (cl.blocked == nil || !cl.blocked(from, to))
}

func (cl *cluster) send(from *process, addr netip.AddrPort, b []byte) {
	cl.packets++
	cl.bytes += len(b)
	if len(b) > 1400 {
		cl.t.Errorf("%s sent a packet of %d bytes", from.name, len(b))
	}
	lost := cl.loss > 0 && cl.rand.Float64() < cl.loss
	if cl.packet != nil {
		cl.packet(from, addr, b, lost || !cl.reaches(from, cl.at[addr]))
	}
	if lost {
		return
	}
	cl.after(cl.latency(), func() {
		if to := cl.at[addr]; cl.reaches(from, to) {
			cl.input(to, func() { to.core.HandlePacket(cl.now, from.addr, b) })
		}
	})
}

var errUnreachable = errors.New("unreachable")

// dial opens a stream and drives both ends of the exchange.
func (cl *cluster) dial(from *process, d swim.Dial) {
	cl.streams++
	cl.after(2*cl.latency(), func() {
		to := cl.at[d.Addr]
		if !cl.reaches(from, to) || !cl.reaches(to, from) {
			cl.after(50*time.Millisecond, func() {
				cl.input(from, func() { from.core.HandleDialError(cl.now, d, errUnreachable) })
			})
			return
		}
		cl.input(from, func() {
			id, frame, err := from.core.Begin(cl.now, d)
			if err != nil {
				return
			}
			// Streams have deadlines: the other side may be gone or frozen.
			cl.after(10*time.Second, func() {
				cl.input(from, func() { from.core.Abort(cl.now, id, errUnreachable) })
			})
			var peer swim.ExchangeID
			cl.input(to, func() { peer = to.core.Accept(cl.now, from.addr) })
			cl.frame(from, id, to, peer, frame)
		})
	})
}

// frame carries one frame to the other side, and its answer back.
func (cl *cluster) frame(from *process, fromID swim.ExchangeID, to *process, toID swim.ExchangeID, frame []byte) {
	cl.bytes += len(frame)
	cl.after(cl.latency(), func() {
		if !cl.reaches(from, to) {
			cl.after(time.Second, func() {
				cl.input(from, func() { from.core.Abort(cl.now, fromID, errUnreachable) })
				cl.input(to, func() { to.core.Abort(cl.now, toID, errUnreachable) })
			})
			return
		}
		cl.input(to, func() {
			reply, done, err := to.core.Step(cl.now, toID, frame)
			switch {
			case reply != nil:
				cl.frame(to, toID, from, fromID, reply)
			case err != nil || !done:
				cl.input(from, func() { from.core.Abort(cl.now, fromID, fmt.Errorf("closed by peer: %w", err)) })
			}
		})
	})
}

// up are the processes that run.
func (cl *cluster) up() []*process {
	var ps []*process
	for _, name := range cl.order {
		if p := cl.nodes[name]; !p.dead {
			ps = append(ps, p)
		}
	}
	return ps
}

// sees is the state in which p holds name; false when it does not know it.
func (p *process) sees(name string) (swim.State, bool) {
	m, ok := p.core.Member(name)
	return m.State, ok
}

// agreed reports whether every running process holds exactly the running ones
// alive.
func (cl *cluster) agreed() bool {
	up := cl.up()
	for _, p := range up {
		alive := 0
		for m := range p.core.Members() {
			if m.State == swim.Alive || m.State == swim.Suspect {
				alive++
				if q := cl.nodes[m.Name]; q == nil || q.dead {
					return false
				}
			}
			if m.State == swim.Suspect {
				return false
			}
		}
		if alive != len(up) {
			return false
		}
	}
	return true
}

// saw counts the events of a kind that p had about name.
func (p *process) saw(kind swim.EventKind, name string) int {
	n := 0
	for _, e := range p.events {
		if e.Kind == kind && e.Name == name {
			n++
		}
	}
	return n
}
