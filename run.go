package nekton

import (
	"context"
	crand "crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// phase is what Start and Stop may do next.
type phase uint8

const (
	phaseIdle     phase = iota // New: may be started
	phaseRunning               // between Start and Stop, with sockets or waiting
	phaseStopping              // one Stop is under way
	phaseStopped               // may be started again
)

// A run is what lives from one Start to its Stop: the goroutines, all in group or
// in streams, and the sockets.
type run struct {
	node   *Node
	ctx    context.Context // ends with the run; its cause is ErrStopped
	cancel context.CancelCauseFunc
	group  errgroup.Group
	ended  chan struct{} // closed when nothing of the run is left
	names  seeds         // of Start
	layers layers        // around what is sent and received
	rooms  sync.Pool     // of *streamRoom

	// opening is held while sockets are being opened. It is taken before mu.
	opening sync.Mutex

	// Guarded by Node.mu:

	chance    *rand.Rand              // of the façade's own choices
	closing   bool                    // nobody joins group any more
	giveUp    context.CancelCauseFunc // ends the opening of sockets; nil unless it is under way
	replaced  bool                    // a newer node of our name exists
	transport transport.Transport     // nil until open, then it stays what it is
	streams   *transport.Streams
	self      ownAddrs
	waiters   map[uint64]chan<- swim.Event // by the id of a join or ping
	left      chan<- swim.Event            // who waits for the departure
}

// begin starts a run that waits: it has a status, a timer and no sockets. before is
// where to go back to.
func (n *Node) begin(config types.GossipStartConfiguration) (r *run, before phase, err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.phase == phaseRunning || n.phase == phaseStopping {
		return nil, n.phase, ErrRunning
	}
	r = &run{
		node: n, ended: make(chan struct{}), names: seedsOf(config.Nodes), layers: n.layers,
		waiters: map[uint64]chan<- swim.Event{},
	}
	if err := n.core.Start(startConfig(config, r.names)); err != nil {
		return nil, n.phase, err
	}
	before = n.phase
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	n.run, n.phase, n.forgiven = r, phaseRunning, false
	n.runs++
	r.chance = n.newRand(1)
	n.timer, n.wakeAt = n.opts.clock.NewTimer(0), 0 // look at what was pending before the run
	timer := n.timer
	r.group.Go(func() error { r.keepTime(timer); return nil })
	return r, before, nil
}

// startConfig is what the state machine is told about the seeds.
func startConfig(config types.GossipStartConfiguration, s seeds) node.StartConfig {
	cfg := node.StartConfig{Provider: config.QuorumProviderType, ActiveMap: config.ActiveMap}
	if len(config.Nodes) > 0 {
		cfg.Domains, cfg.Addrs = map[types.NodeId]string{}, map[types.NodeId]netip.AddrPort{}
	}
	for id, seed := range config.Nodes {
		cfg.Domains[id] = seed.ClusterDomain
		if addr, ok := s.literal[seed.KnownUrl]; ok {
			cfg.Addrs[id] = addr
		}
	}
	return cfg
}

// spawn runs f in the run's group, unless the run is ending.
func (r *run) spawn(f func() error) bool {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	if r.closing {
		return false
	}
	r.group.Go(f)
	return true
}

// open gives a waiting node its sockets, if its domain is active, and makes it a
// member of a group of one. It reports whether it did. After an error the node
// waits as before.
func (r *run) open(ctx context.Context) (opened bool, err error) {
	n := r.node
	r.opening.Lock()
	defer r.opening.Unlock()
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	n.mu.Lock()
	wanted := !r.closing && n.core.ShouldOpen()
	if wanted {
		r.giveUp = giveUp
	}
	n.mu.Unlock()
	if !wanted {
		return false, nil
	}
	defer r.opened()
	t, err := n.opts.listen(ctx, n.addr)
	if err != nil {
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		return false, fmt.Errorf("listen: %w", err)
	}
	advertised, err := transport.Advertise(ctx, n.opts.resolver, t.LocalAddr(), n.opts.advertise)
	if err != nil {
		_ = t.Close()
		return false, fmt.Errorf("advertise: %w", err)
	}
	streams, err := transport.NewStreams(t, n.streamLimits())
	if err != nil {
		_ = t.Close()
		return false, err
	}
	if err := r.takeSockets(t, streams, advertised); err != nil {
		_ = streams.Close()
		return false, err
	}
	return true, nil
}

// opened forgets an opening that is over.
func (r *run) opened() {
	r.node.mu.Lock()
	r.giveUp = nil
	r.node.mu.Unlock()
}

// takeSockets puts the sockets to use.
func (r *run) takeSockets(t transport.Transport, streams *transport.Streams, advertised netip.AddrPort) error {
	n := r.node
	codec, err := newCodec(n.memberlist, n.core.TableName(), advertised, n.cluster, n.version)
	if err != nil {
		return err
	}
	opening := node.Opening{Codec: codec, Overhead: r.layers.own.Overhead()}
	if n.opts.bridge != nil {
		if opening.BridgeCodec, err = newCodec(true, n.core.TableName(), advertised, "", ""); err != nil {
			return err
		}
		opening.BridgeOverhead = r.layers.other.Overhead()
	}
	self := newOwnAddrs(t.LocalAddr(), advertised)
	n.mu.Lock()
	if r.closing {
		n.mu.Unlock()
		return ErrStopped
	}
	r.transport, r.streams, r.self = t, streams, self
	now := n.read()
	opening.Addr, opening.Seeds, opening.Rand = advertised, r.names.addrs(self), n.newRand(0)
	if err = n.core.Open(now, opening); err != nil {
		r.transport, r.streams = nil, nil
		n.mu.Unlock()
		return err
	}
	out := n.takeOutput()
	n.collect(out)
	r.group.Go(r.readPackets)
	r.group.Go(func() error { return streams.Serve(r.serve) })
	if len(r.names.hosts) > 0 {
		r.group.Go(r.watchSeeds)
	}
	n.mu.Unlock()
	n.carryOut(out)
	n.spare.Store(out)
	return nil
}

// advertised is where others reach us.
func (r *run) advertised() netip.AddrPort {
	r.node.mu.Lock()
	defer r.node.mu.Unlock()
	return r.self.advertised
}

// newRand is a source of chance of one run, which may have several of different use.
// It is called with mu held.
func (n *Node) newRand(use uint64) *rand.Rand {
	if n.opts.seed != nil {
		return rand.New(rand.NewPCG(*n.opts.seed, n.runs<<1|use))
	}
	var seed [16]byte
	_, _ = crand.Read(seed[:]) // it never fails
	return rand.New(rand.NewPCG(binary.LittleEndian.Uint64(seed[:8]), binary.LittleEndian.Uint64(seed[8:])))
}

// within is a context that ends with the run, too.
func (r *run) within(ctx context.Context) (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(r.ctx, func() { cancel(context.Cause(r.ctx)) })
	return ctx, func(cause error) { stop(); cancel(cause) }
}

// firstBuffer is the room for a datagram until one was longer, at least. Those of the
// protocol are no longer than [Limits].Packet; a process that runs many nodes holds it
// for each. Bytes.
const firstBuffer = 1536

// readPackets gives the node every datagram, and answers it. On nekton's wire the first
// one that does not fit is lost; from then on there is room for any.
func (r *run) readPackets() error {
	n, out, room := r.node, new(output), max(firstBuffer, r.node.opts.limits.Packet+r.node.opts.limits.Packet/16)
	if n.core.TableName() != "" {
		room = transport.PacketBuffer // memberlist's members take whatever UDP carries
	}
	buf := make([]byte, room)
	for {
		size, from, err := r.transport.ReadPacket(buf)
		if errors.Is(err, transport.ErrTruncated) {
			buf = make([]byte, transport.PacketBuffer)
			continue
		}
		if err != nil {
			return nil // closed, see [transport.Transport]
		}
		message, drop := r.layers.around(buf[:size]).Open(&out.layers, buf[:size])
		n.mu.Lock()
		now := n.glance()
		if drop == swim.DropNone {
			n.core.HandlePacket(now, from, message)
		} else {
			n.core.CountDrop(drop)
		}
		n.collect(out)
		n.mu.Unlock()
		n.carryOut(out)
	}
}

// keepTime wakes the node at its deadlines. Whoever brings an input that moves the next
// one sets the timer, see collect: an ack, which most probes get, thus saves a wake-up.
func (r *run) keepTime(timer Timer) {
	defer timer.Stop()
	for {
		select {
		case <-r.ctx.Done():
			return
		case <-timer.C():
			r.wake()
		}
	}
}

// wake does what is due.
func (r *run) wake() {
	n := r.node
	out := n.takeOutput()
	n.mu.Lock()
	now := n.read()
	n.wakeAt = never // the tick is spent
	n.core.HandleTimeout(now)
	n.collect(out)
	n.mu.Unlock()
	n.carryOut(out)
	n.spare.Store(out)
}
