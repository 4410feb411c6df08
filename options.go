package nekton

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/transport"
)

// An Option changes how a node is made. Options set fields and do nothing else;
// what is wrong with them is the error of Start. Of two options for the same thing
// the later one holds.
type Option func(*options)

// options is the page of everything that can be chosen beside the arguments of New.
type options struct {
	logger          *slog.Logger
	clock           Clock
	seed            *uint64
	advertise       string
	listen          ListenFunc
	resolver        transport.Resolver
	limits          Limits // NewNode fills defaults in
	protocol        Protocol
	eventBuffer     int
	probation       time.Duration
	keyTombstoneTTL time.Duration
	types           []namedType
	memberlist      bool
	bridge          *string // gossip version of its other side; nil for none
	foreign         bool
	security        security
}

type namedType struct {
	name   string
	sample any
}

// DefaultEventBuffer is how many events wait for a subscriber before it loses some.
const DefaultEventBuffer = 1024

// A ListenFunc opens a transport on "host:port". ctx bounds the opening. The node
// closes what it returns.
type ListenFunc func(ctx context.Context, addr string) (transport.Transport, error)

// WithLogger sends the rare lines that a node logs to l: changes of this node at
// Info, of others at Debug, trouble at Warn, at most one line a minute for each
// reason and peer. By default nothing is logged.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }

// WithClock gives the node another clock than the system's. Deadlines of streams
// are the system's all the same.
func WithClock(c Clock) Option { return func(o *options) { o.clock = c } }

// WithSeed makes all random choices of the node follow from seed, for tests. By
// default the seed comes from crypto/rand.
func WithSeed(seed uint64) Option { return func(o *options) { o.seed = &seed } }

// WithAdvertise says which address other nodes are told, "host:port"; without a
// port, or with port 0, that of the socket. By default it is the address of the
// socket, or an interface's when the socket is bound to all; see
// [transport.Advertise].
func WithAdvertise(addr string) Option { return func(o *options) { o.advertise = addr } }

// WithTransport replaces the sockets, for example by an in-memory network:
//
//	network := transport.NewNetwork()
//	nekton.WithTransport(func(_ context.Context, addr string) (transport.Transport, error) {
//		return network.Listen(addr)
//	})
func WithTransport(listen ListenFunc) Option { return func(o *options) { o.listen = listen } }

// WithResolver replaces the look-up of host names. Default [net.DefaultResolver].
func WithResolver(r transport.Resolver) Option { return func(o *options) { o.resolver = r } }

// WithLimits sets the limits on size and number.
func WithLimits(l Limits) Option { return func(o *options) { o.limits = l } }

// WithProtocol sets the parameters of SWIM and Lifeguard.
func WithProtocol(p Protocol) Option { return func(o *options) { o.protocol = p } }

// WithEventBuffer sets how many events wait for a subscriber; see [Node.Subscribe].
// Default [DefaultEventBuffer]; it is an error of Start if it is negative.
func WithEventBuffer(n int) Option { return func(o *options) { o.eventBuffer = n } }

// WithProbation sets how long a peer stays SUSPECT_DOWN. Default one minute.
func WithProbation(d time.Duration) Option { return func(o *options) { o.probation = d } }

// WithTombstoneTTL sets how long a deleted key is remembered. Default
// [store.DefaultTombstoneTTL], one hour. A peer that was away for longer gets all
// values of the node instead of the changes.
func WithTombstoneTTL(d time.Duration) Option { return func(o *options) { o.keyTombstoneTTL = d } }

// WithType lets values of the type of sample, or pointers to them, travel as
// themselves, under a name that all nodes have to agree on. A struct that has no
// name arrives as a map of its exported fields. See [store.Registry.Register].
//
// On memberlist's wire, gob.Register is told of the sample, which counts for the whole
// process, and the type travels under the name that gob gives it; name is not used.
func WithType(name string, sample any) Option {
	return func(o *options) { o.types = append(o.types, namedType{name, sample}) }
}

// WithMemberlistWire makes the node speak memberlist's wire whatever its gossip version
// is called. Without it, version "v2" speaks nekton's own and every other memberlist's.
// It is for clusters of libopenstorage/gossip that run as version "v2".
func WithMemberlistWire() Option { return func(o *options) { o.memberlist = true } }

// WithForeignMembers lets a node on memberlist's wire join a cluster of another program
// that uses memberlist: members whose meta does not tell gossip version and cluster id
// are let in, and their ids are their names. None of them may be called like a node of
// this cluster, or like one with its gossip version at the end. Without the option they are
// refused, and a cluster that holds one cannot be joined. Members that do tell have to
// agree all the same. On nekton's wire it is an error of Start.
func WithForeignMembers() Option { return func(o *options) { o.foreign = true } }

// WithBridge makes a node of gossip version v2 a member of the group of another version
// on memberlist's wire, too, on the same socket: of libopenstorage/gossip's "v1", mostly.
// It is for the time in which a cluster moves from the one to the other, node by
// node. The node has one store and one quorum: a peer is UP while it is alive on
// either wire, and what the node publishes goes out on both. Types of [WithType] are
// registered with gob as well. On memberlist's wire, for an empty version, or for v2, it is
// an error of Start.
func WithBridge(version string) Option { return func(o *options) { o.bridge = &version } }

// collectOptions applies options to the defaults.
func collectOptions(opts []Option) options {
	o := options{eventBuffer: DefaultEventBuffer}
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	if o.logger == nil {
		o.logger = slog.New(slog.DiscardHandler)
	}
	if o.clock == nil {
		o.clock = newSystemClock()
	}
	if o.listen == nil {
		resolver := o.resolver
		o.listen = func(ctx context.Context, addr string) (transport.Transport, error) {
			return transport.Listen(ctx, transport.Config{Addr: addr, Resolver: resolver})
		}
	}
	return o
}

// register makes the coding of values. A type that cannot be registered is a problem of
// Start, and so is any other option that is out of range.
func (o *options) register(problems []error, memberlist bool) (valueCoding, []error) {
	registry := store.NewRegistry()
	var coding valueCoding = registry
	register := registry.Register
	if memberlist {
		coding = new(gobwire.Values)
		register = func(_ string, sample any) error { return gobwire.Register(sample) }
	}
	if o.bridge != nil {
		register = func(name string, sample any) error {
			return errors.Join(registry.Register(name, sample), gobwire.Register(sample))
		}
	}
	for _, t := range o.types {
		if err := register(t.name, t.sample); err != nil {
			problems = append(problems, fmt.Errorf("value type: %w", err))
		}
	}
	if o.foreign && !memberlist {
		problems = append(problems, &ConfigError{"foreign members", "exist on memberlist's wire only"})
	}
	if o.eventBuffer < 0 {
		problems = append(problems, &ConfigError{"event buffer", fmt.Sprintf("is %d, want 0 or more", o.eventBuffer)})
	}
	if o.eventBuffer <= 0 {
		o.eventBuffer = DefaultEventBuffer
	}
	if o.keyTombstoneTTL < 0 {
		problems = append(problems, &ConfigError{"tombstone TTL", fmt.Sprintf("is %v, want 0 or more", o.keyTombstoneTTL)})
	}
	return coding, problems
}
