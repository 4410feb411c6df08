package explore

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// A machine runs cores. Every call of a core in an exploration is made here, once for
// each snapshot and input: what comes of it is remembered, since a core is
// deterministic.
type machine struct {
	cfg     Config
	codec   *wirev2.Codec
	snaps   []snapshot
	snapIDs map[[16]byte]snapID
	items   []itemInfo
	itemIDs map[item]itemID
	ghosts  []ghost
	ghostID map[ghost]ghostID
	jumps   []time.Duration // arguments of inAdvance
	done    map[memoKey][]outcome
	boots   map[bootKey]*outcome
	calls   int  // of real cores
	telling bool // outcomes have their events
	scratch []byte
	move    move
}

const (
	clusterID = "explored"
	version   = "v2"
)

func newMachine(cfg Config) (*machine, error) {
	codec, err := wirev2.New(clusterID, version)
	if err != nil {
		return nil, err
	}
	return &machine{
		cfg: cfg, codec: codec, snapIDs: map[[16]byte]snapID{}, itemIDs: map[item]itemID{}, ghostID: map[ghost]ghostID{},
		done: map[memoKey][]outcome{}, snaps: make([]snapshot, 1), boots: map[bootKey]*outcome{},
	}, nil
}

// inputKind tells apart what can be done to a core.
type inputKind uint8

const (
	inPacket  inputKind = iota // item: it arrives
	inTimeout                  // the next deadline passes
	inAdvance                  // jump: time passes, up to the next deadline at most
	inStall                    // time passes, and nothing is done
	inLeave
	inPublish
	inUpdate
	inBegin     // item: the stream of a dial is open
	inDialError // item: it could not be opened
	inAccept    // node: it opens a stream to us
	inStep      // item: a frame arrives
	inAbort     // item: a stream is torn
	inBoot      // it starts: see boot
)

// An input is something done to a core; arg is an itemID, a node, or a place in jumps.
type input struct {
	kind inputKind
	arg  uint32
}

type memoKey struct {
	snap snapID
	in   input
}

// An outcome is what comes of an input, for one combination of random choices.
type outcome struct {
	next     snapID
	sent     []itemID
	frame    string // Begin, Step: to send back
	failed   bool   // Begin, Step: the exchange is over, and not by a frame
	finished bool   // Step: it is over
	end      swim.ExchangeID
	stops    bool // its owner stops the node: it was refused
	events   []swim.Event
	fault    *Fault
}

// do returns the outcomes of an input.
func (m *machine) do(s snapID, in input) []outcome {
	key := memoKey{s, in}
	if all, ok := m.done[key]; ok {
		return all
	}
	var all []outcome
	ch := chance{most: m.cfg.Chance}
	for more := true; more; more = ch.next() {
		all = append(all, m.call(s, in, &ch))
	}
	m.done[key] = all
	return all
}

// errLost is what a node is told about a stream that did not work.
var errLost = errors.New("lost")

// call makes one call of a clone of a core, and takes what the core wants done.
func (m *machine) call(s snapID, in input, ch *chance) outcome {
	m.calls++
	was := &m.snaps[s]
	held := was.marks.clone()
	core := was.core.Clone(ch, held)
	var o outcome
	now, panicked := m.attempt(was.node, core, held, was.now, in, &o)
	if panicked != nil {
		return outcome{next: s, fault: panicked}
	}
	v := viewOf(was.node, core, held, now)
	o.next = m.intern(v, core, held, now)
	o.fault = m.checkCall(&m.snaps[s], &v, core, in, &o)
	if !m.telling {
		o.events = nil
	}
	return o
}

// attempt performs, and turns a panic into a fault: what led to it is worth telling.
func (m *machine) attempt(node int, core *swim.Core, held *marks, now time.Duration, in input, o *outcome) (after time.Duration, f *Fault) {
	defer func() {
		if r := recover(); r != nil {
			f = fault("no-panic", "%s: %v", nameOf(node), r)
		}
	}()
	return m.perform(node, core, held, now, in, o), nil
}

// perform does an input to a core, takes what the core wants done, and returns the
// time afterwards.
func (m *machine) perform(node int, core *swim.Core, held *marks, now time.Duration, in input, o *outcome) time.Duration {
	var err error
	switch in.kind {
	case inPacket:
		it := &m.items[in.arg]
		core.HandlePacket(now, addrOf(int(it.from)), []byte(it.bytes))
	case inTimeout:
		if at, ok := core.NextDeadline(); ok {
			now = max(now, at)
		}
		core.HandleTimeout(now)
	case inAdvance:
		now += m.jumps[in.arg]
	case inStall:
		now += m.cfg.StallFor
	case inLeave:
		core.Leave(now)
	case inPublish:
		core.Touch(now, nameOf(node), held.publish())
	case inUpdate:
		// One byte, and another one each time.
		info, _ := core.Member(nameOf(node))
		o.failed = core.SetMeta(now, []byte{lastByte(info.Meta) + 1}) != nil
	case inBegin:
		var frame []byte
		o.end, frame, err = core.Begin(now, m.items[in.arg].dial)
		o.frame, o.failed = string(frame), err != nil
	case inDialError:
		core.HandleDialError(now, m.items[in.arg].dial, errLost)
	case inAccept:
		o.end = core.Accept(now, addrOf(int(in.arg)))
	case inStep:
		var reply []byte
		reply, o.finished, err = core.Step(now, m.items[in.arg].toEnd, []byte(m.items[in.arg].bytes))
		o.frame, o.failed = string(reply), err != nil
	case inAbort:
		core.Abort(now, m.items[in.arg].toEnd, errLost)
	}
	if in.kind != inAdvance && in.kind != inStall {
		// What is due at once is done at once; what is late already waits for its timer.
		for at, ok := core.NextDeadline(); ok && at == now; at, ok = core.NextDeadline() {
			core.HandleTimeout(now)
		}
	}
	m.take(node, core, o)
	return now
}

// take drains the outputs of a core.
func (m *machine) take(node int, core *swim.Core, o *outcome) {
	var sent []item
	sent, o.events, o.stops = m.drain(node, core)
	for _, it := range sent {
		o.sent = append(o.sent, m.internItem(it))
	}
}

// drain takes the outputs of a core: what it sends, and whether its owner stops it.
// They go into new buffers, since what is swapped stays with the core.
func (m *machine) drain(node int, core *swim.Core) (sent []item, events []swim.Event, stops bool) {
	var batch swim.Batch
	core.TakePackets(&batch)
	for i := range batch.Len() {
		addr, b := batch.At(i)
		if to, ok := nodeAt(addr); ok && to < m.cfg.Nodes {
			sent = append(sent, item{kind: itemPacket, from: int8(node), to: int8(to), bytes: string(b)})
		}
	}
	var dials []swim.Dial
	core.TakeDials(&dials)
	for _, d := range dials {
		if to, ok := nodeAt(d.Addr); ok && to < m.cfg.Nodes {
			sent = append(sent, item{kind: itemDial, from: int8(node), to: int8(to), dial: d})
		}
	}
	core.TakeEvents(&events)
	for _, e := range events {
		var refused *swim.RefusedError
		stops = stops || e.Kind == swim.EventJoinDone && errors.As(e.Err, &refused)
	}
	return sent, events, stops
}

// boot starts a node that joins through seed. There is no randomness in it but what
// [Config.Chance] leaves out.
func (m *machine) boot(node int, life swim.Life, run, seed int) *outcome {
	key := bootKey{node, life, run, seed}
	if o, ok := m.boots[key]; ok {
		return o
	}
	core, held, err := m.newCore(node, life, run)
	if err != nil {
		panic(err) // the same rules were accepted at the start
	}
	core.Join(0, seeds(seed))
	var o outcome
	m.take(node, core, &o)
	o.next = m.intern(viewOf(node, core, held, 0), core, held, 0)
	m.boots[key] = &o
	return &o
}

type bootKey struct {
	node      int
	life      swim.Life
	run, seed int
}

// newCore is a node that knows nobody, at time 0 of its clock.
func (m *machine) newCore(node int, life swim.Life, run int) (*swim.Core, *marks, error) {
	held := &marks{self: node}
	cfg := m.cfg.Swim
	cfg.Name, cfg.Addr, cfg.Life = nameOf(node), addrOf(node), life
	cfg.ClusterID, cfg.Version, cfg.Codec, cfg.Rider = clusterID, version, m.codec, held
	// The numbers of a run begin where those of no other do, as they do by chance.
	cfg.Rand = &chance{seq: (run*MaxNodes + node) * seqsPerRun}
	cfg.Meta, cfg.Wall, cfg.Seeds, cfg.Records = nil, time.Time{}, nil, nil
	for i := range m.cfg.Nodes {
		if i != node {
			cfg.Seeds = append(cfg.Seeds, addrOf(i))
		}
	}
	core, err := swim.New(cfg, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("node %s: %w", nameOf(node), err)
	}
	return core, held, nil
}

// jump is the input that lets time pass, as far as the next deadline.
func (m *machine) jump(d time.Duration) input {
	i := slices.Index(m.jumps, d)
	if i < 0 {
		i = len(m.jumps)
		m.jumps = append(m.jumps, d)
	}
	return input{inAdvance, uint32(i)}
}

// lastByte is the only byte of a meta; 0 of none.
func lastByte(meta []byte) byte {
	if len(meta) == 0 {
		return 0
	}
	return meta[len(meta)-1]
}

// seeds is one node to join through.
func seeds(node int) []netip.AddrPort { return []netip.AddrPort{addrOf(node)} }

// seqsPerRun is more pings than a node sends in any exploration.
const seqsPerRun = 1024
