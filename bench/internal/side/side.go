package side

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/hashicorp/memberlist"

	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport"
)

// A Kind is one of the sides.
type Kind uint8

const (
	Memberlist    Kind = iota
	Plain              // memberlist with compression off
	NektonV1           // nekton on memberlist's wire
	NektonV1Plain      // the same with compression off
	NektonV2           // nekton on its own wire
)

// Floor is the name in results of the least that any program can do.
const Floor = "floor"

// All are all sides, in the order in which they take turns.
func All() []Kind { return []Kind{Memberlist, NektonV2, Plain, NektonV1, NektonV1Plain} }

// String is the name in results.
func (k Kind) String() string {
	return [...]string{"memberlist", "memberlist plain", "nekton v1", "nekton v1 plain", "nekton v2"}[k]
}

// Version is the gossip version of the side's nodes.
func (k Kind) Version() string {
	if k == NektonV2 {
		return "v2"
	}
	return "v1"
}

// V1 reports whether the side speaks memberlist's wire.
func (k Kind) V1() bool { return k != NektonV2 }

func (k Kind) nekton() bool { return k >= NektonV1 }

// Cluster is the cluster id of all members.
const Cluster = "c"

// A Medium is where one member lives.
type Medium interface {
	// Addr is what the member listens on, "host:port".
	Addr() string
	// Nekton and Memberlist open it for a member of either library.
	Nekton(ctx context.Context, addr string) (transport.Transport, error)
	Memberlist() (memberlist.Transport, error)
}

// A Watch is told what a member tells its application. Its functions are called from
// the library's goroutines.
type Watch struct {
	// Dead: the member holds subject dead, or gone.
	Dead func(at time.Time, subject string)
	// News: something that subject publishes has arrived; with memberlist also that
	// it has joined, since its metadata arrives with it.
	News func(at time.Time, subject string)
}

func (w Watch) any() bool { return w.Dead != nil || w.News != nil }

// A Setup is what a member is made of.
type Setup struct {
	ID     string
	Pace   peer.Pace
	Medium Medium
	Watch  Watch
	// Peers are the ids of all nodes of the cluster, if values are published.
	Peers []string
	// Store: values travel as libopenstorage/gossip has it. Without it, what
	// memberlist publishes is metadata.
	Store bool
	// NoStreamPings switches off the stream ping beside the indirect ones.
	NoStreamPings bool
	// Key encrypts everything, if there is one. 16 bytes.
	Key []byte
}

// A Member runs.
type Member interface {
	Addr() netip.AddrPort
	// Join joins the group of others, and returns when one table was exchanged.
	Join(at netip.AddrPort) error
	// Alive is how many members it lists, itself included.
	Alive() int
	// Publish changes what it publishes: metadata, or with Setup.Store a value.
	Publish(key, value string) error
	// Reads is what it has of another's key, published with Setup.Store; empty: nothing.
	Reads(id, key string) string
	// Leave says goodbye and stops; Kill stops without a word.
	Leave() error
	Kill()
}

// ErrNoMeta is what Publish returns where there is nothing to publish with: nekton has
// values instead of metadata, and on memberlist's wire they travel by push-pull only.
var ErrNoMeta = errors.New("side: metadata is not the program's on this side")

// Start makes a member, alone in its group.
func (k Kind) Start(s Setup) (Member, error) {
	start := k.startMemberlist
	if k.nekton() {
		start = k.startNekton
	}
	m, err := start(s)
	if err != nil {
		return nil, fmt.Errorf("side: %v: start %s: %w", k, s.ID, err)
	}
	return m, nil
}
