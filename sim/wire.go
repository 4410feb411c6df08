package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/internal/gobwire"
	"github.com/nekton-go/nekton/internal/node"
	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/types"
)

// A Wire is what a node speaks.
type Wire uint8

const (
	// Nekton is nekton's own wire.
	Nekton Wire = iota
	// Memberlist is memberlist's wire, with the payloads of libopenstorage/gossip.
	Memberlist
	// Bridge is both, while a cluster moves from the one to the other.
	Bridge
)

// tableVersion is the gossip version of all who speak memberlist's wire.
const tableVersion = types.DEFAULT_GOSSIP_VERSION

// speak makes a configuration that of a node on its wire.
func (n *Node) speak(cfg *node.Config) {
	switch n.cfg.Wire {
	case Memberlist:
		cfg.Memberlist, cfg.Version = true, tableVersion
		cfg.Swim = node.BesideMemberlist(cfg.Swim, cfg.Intervals.SuspicionMult)
	case Bridge:
		cfg.Bridge = &node.BridgeConfig{
			Version: tableVersion, Swim: node.BesideMemberlist(cfg.Swim, cfg.Intervals.SuspicionMult),
		}
	}
}

// opening is what the node gets with its sockets.
func (n *Node) opening() (node.Opening, error) {
	o := node.Opening{Addr: n.addr, Seeds: n.seedAddrs(), Codec: n.codec, Rand: n.rand}
	if n.cfg.Wire == Nekton {
		return o, nil
	}
	table, err := wirev1.New(wirev1.Config{Name: n.core.TableName(), Addr: n.addr})
	if err != nil {
		return o, fmt.Errorf("memberlist's wire: %w", err)
	}
	if o.BridgeCodec = table; n.cfg.Wire == Memberlist {
		o.Codec, n.table = table, table
	}
	return o, nil
}

// Codec is what reads and writes the datagrams of the node: of nekton's wire if it
// speaks both.
func (n *Node) Codec() swim.Codec {
	if n.table != nil {
		return n.table
	}
	return n.codec
}

// versions reports whether the values of a node have versions and lives, departures are
// acknowledged, and two processes of one name told apart: whether it speaks nekton's wire.
func (n *Node) versions() bool { return n.cfg.Wire != Memberlist }

// showsAll reports whether a node shows what another has set, or does not know it.
func (n *Node) showsAll(owner *Node) bool {
	e, err := n.core.Entry(owner.ID())
	return err != nil || n == owner || sameValues(owner.core.Self().Values, e.Values)
}

// machine is what the world drives.
func (n *Node) machine() virtual.Machine {
	if n.cfg.Wire == Nekton {
		return n.core
	}
	return &trader{n.core}
}

// A trader is a node whose values travel as whole tables. The façade encodes and
// decodes these outside its lock; here nothing else happens meanwhile. Values are
// []byte, as everywhere in a simulation.
type trader struct{ *node.Node }

// Begin tells a table if the dial asks for one.
func (t *trader) Begin(now time.Duration, d swim.Dial) (swim.ExchangeID, []byte, error) {
	if t.Trades(d) {
		t.tell(now)
	}
	return t.Node.Begin(now, d)
}

// Step answers with a table if the frame asks for one, and takes in what it brought.
func (t *trader) Step(now time.Duration, id swim.ExchangeID, frame []byte) (reply []byte, done bool, err error) {
	if t.Answers(frame) {
		t.tell(now)
	}
	reply, done, err = t.Node.Step(now, id, frame)
	var tables []node.Table
	t.TakeTables(&tables)
	for _, table := range tables {
		t.hear(now, table.State)
	}
	return reply, done, err
}

// tell sets the table of the next push-pull.
func (t *trader) tell(now time.Duration) {
	state := types.NodeInfoMap{}
	for _, e := range t.Table(now) {
		info := e.Info
		info.Value = types.StoreMap{}
		for _, kv := range e.Values {
			info.Value[kv.Key] = kv.Value
		}
		state[info.Id] = info
	}
	b, err := gobwire.EncodeState(state)
	if err != nil {
		panic(fmt.Sprintf("sim: bytes that gob does not take: %v", err))
	}
	t.SetTable(b)
}

// hear takes in a table. What cannot be read changes nothing.
func (t *trader) hear(now time.Duration, state []byte) {
	heard, err := gobwire.DecodeState(state, len(state))
	if err != nil {
		return
	}
	ids := make([]types.NodeId, 0, len(heard))
	for id := range heard {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		info := heard[id]
		e := node.Entry{Info: info}
		for key, value := range info.Value {
			if b, ok := value.([]byte); ok {
				e.Values = append(e.Values, node.KeyValue{Key: key, Value: b})
			}
		}
		_ = t.MergeEntry(now, id, e) // what is over a limit is not taken
	}
}
