package peer

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// What follows has the shape of what libopenstorage/gossip sends: gob matches structs
// by the names of their fields, so these stand for its own. They are written apart
// from nekton's, so that one does not vouch for the other.
type (
	// NodeID is the id of a node, without the version.
	NodeID string
	// StoreKey is a key of a node's values.
	StoreKey string
	// NodeStatus is what is held true about a node.
	NodeStatus uint8
	// StoreMap is what a node publishes.
	StoreMap map[StoreKey]interface{}

	// NodeMetaInfo is the metadata of a member.
	NodeMetaInfo struct {
		ClusterId     string
		GossipVersion string
		Id            NodeID
		GenNumber     uint64
		LastUpdateTs  time.Time
	}

	// NodeInfo is one entry of the state of a push-pull.
	NodeInfo struct {
		Id                 NodeID
		GenNumber          uint64
		LastUpdateTs       time.Time
		WaitForGenUpdateTs time.Time
		Status             NodeStatus
		Value              StoreMap
		QuorumMember       bool
		ClusterDomain      string
		Addr               string
	}

	// NodeInfoMap is the state of a push-pull: everything that the sender knows.
	NodeInfoMap map[NodeID]NodeInfo
)

// The statuses that matter here.
const (
	StatusUp            NodeStatus = 1
	StatusDown          NodeStatus = 2
	StatusNeverGossiped NodeStatus = 3
)

// An Original is the part of libopenstorage/gossip above memberlist, as far as other
// members notice it: metadata, state, and who is refused. It is a delegate of
// memberlist; [Original.Install] makes it one. All methods may be called concurrently.
type Original struct {
	id               NodeID
	cluster, version string

	mu    sync.Mutex
	nodes NodeInfoMap
	bad   int // states that could not be decoded
}

// NewOriginal makes the delegate of a node that knows itself and the peers.
func NewOriginal(id NodeID, cluster, version string, peers ...NodeID) *Original {
	o := &Original{id: id, cluster: cluster, version: version, nodes: NodeInfoMap{}}
	now := time.Now()
	for _, peer := range append(peers, id) {
		o.nodes[peer] = NodeInfo{Id: peer, Status: StatusDown, LastUpdateTs: now, WaitForGenUpdateTs: now, Value: StoreMap{}, QuorumMember: true}
	}
	return o
}

// Name is the name of the node on the wire.
func (o *Original) Name() string { return string(o.id) + o.version }

// Install makes o the delegate of a member of v0.7.0.
func (o *Original) Install(c *memberlist.Config) {
	hook := delegate{o}
	c.Delegate, c.Merge, c.Alive = o, hook, hook
	c.Events = both{c.Events, hook}
}

// Set publishes a value.
func (o *Original) Set(key StoreKey, value any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	self := o.nodes[o.id]
	self.Value = maps.Clone(self.Value)
	self.Value[key], self.LastUpdateTs = value, time.Now()
	o.nodes[o.id] = self
}

// Value returns what a node publishes under a key, nil if nothing.
func (o *Original) Value(id NodeID, key StoreKey) any {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.nodes[id].Value[key]
}

// Status returns the status of a node, 0 if it is not known.
func (o *Original) Status(id NodeID) NodeStatus {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.nodes[id].Status
}

// Undecodable is how many states came that could not be decoded.
func (o *Original) Undecodable() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bad
}

// NodeMeta returns the gob of the identity, as of the start.
func (o *Original) NodeMeta(limit int) []byte {
	b := encode(NodeMetaInfo{ClusterId: o.cluster, GossipVersion: o.version, Id: o.id, LastUpdateTs: time.Now()})
	return b[:min(len(b), limit)]
}

// NotifyMsg ignores what others gossip for their applications.
func (o *Original) NotifyMsg([]byte) {}

// GetBroadcasts returns the two texts that accompany every packet of gossip, and that
// every receiver ignores.
func (o *Original) GetBroadcasts(overhead, limit int) [][]byte {
	texts := [][]byte{[]byte(`"hello"`), []byte(`"world"`)}
	if len(texts[0])+len(texts[1])+2*overhead > limit {
		return nil
	}
	return texts
}

// LocalState returns the gob of everything known, with a fresh timestamp.
func (o *Original) LocalState(bool) []byte {
	o.mu.Lock()
	defer o.mu.Unlock()
	self := o.nodes[o.id]
	self.LastUpdateTs = time.Now()
	o.nodes[o.id] = self
	return encode(o.nodes)
}

// MergeRemoteState takes over the newer entries whole, but for their status. The state
// of a join is ignored.
func (o *Original) MergeRemoteState(b []byte, join bool) {
	if join {
		return
	}
	var theirs NodeInfoMap
	err := gob.NewDecoder(bytes.NewReader(b)).Decode(&theirs)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		o.bad++
		return
	}
	for id, entry := range theirs {
		ours, known := o.nodes[id]
		newer := entry.LastUpdateTs.After(ours.LastUpdateTs)
		if !known || id == o.id || !newer && ours.Status != 0 && ours.Status != StatusNeverGossiped {
			continue
		}
		entry.Status = ours.Status
		o.nodes[id] = entry
	}
}

// check refuses a member of another version or cluster.
func (o *Original) check(name string, meta []byte) error {
	var m NodeMetaInfo
	if err := gob.NewDecoder(bytes.NewReader(meta)).Decode(&m); err != nil {
		return fmt.Errorf("peer: meta of %s: %w", name, err)
	}
	if m.GossipVersion != o.version {
		return fmt.Errorf("peer: version mismatch with %s: ours %q, theirs %q", name, o.version, m.GossipVersion)
	}
	if m.ClusterId != o.cluster {
		return fmt.Errorf("peer: cluster mismatch with %s: ours %q, theirs %q", name, o.cluster, m.ClusterId)
	}
	return nil
}

// alive is told of every alive message. Whoever is refused is not known any more.
func (o *Original) alive(name string, meta []byte) error {
	if name == o.Name() {
		return nil
	}
	id := NodeID(strings.TrimSuffix(name, o.version))
	err := o.check(name, meta)
	o.mu.Lock()
	defer o.mu.Unlock()
	entry, known := o.nodes[id]
	switch {
	case err != nil:
		delete(o.nodes, id)
	case known:
		entry.Status = StatusUp
		o.nodes[id] = entry
	}
	return err
}

// left is told of every member that was declared dead, or has left.
func (o *Original) left(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	id := NodeID(strings.TrimSuffix(name, o.version))
	if entry, known := o.nodes[id]; known {
		entry.Status = StatusDown
		o.nodes[id] = entry
	}
}

// delegate is an Original as memberlist v0.7.0 calls it.
type delegate struct{ o *Original }

func (d delegate) NotifyAlive(n *memberlist.Node) error { return d.o.alive(n.Name, n.Meta) }

func (d delegate) NotifyMerge(peers []*memberlist.Node) error {
	for _, n := range peers {
		if err := d.o.check(n.Name, n.Meta); err != nil {
			return err
		}
	}
	return nil
}

func (d delegate) NotifyJoin(*memberlist.Node)    {}
func (d delegate) NotifyUpdate(*memberlist.Node)  {}
func (d delegate) NotifyLeave(n *memberlist.Node) { d.o.left(n.Name) }

// both tells two.
type both struct{ first, second memberlist.EventDelegate }

func (b both) NotifyJoin(n *memberlist.Node)   { b.first.NotifyJoin(n); b.second.NotifyJoin(n) }
func (b both) NotifyUpdate(n *memberlist.Node) { b.first.NotifyUpdate(n); b.second.NotifyUpdate(n) }
func (b both) NotifyLeave(n *memberlist.Node)  { b.first.NotifyLeave(n); b.second.NotifyLeave(n) }

// encode is the gob of a value, empty if there is none: so does the original.
func encode(v any) []byte {
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v); err != nil {
		return nil
	}
	return b.Bytes()
}
