package side

import (
	"context"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/bench/internal/peer"
	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// ours is a node of nekton.
type ours struct {
	*peer.Node
	kind  Kind
	store bool
	addr  netip.AddrPort
}

func (k Kind) startNekton(s Setup) (Member, error) {
	options := []nekton.Option{
		nekton.WithTransport(s.Medium.Nekton), nekton.WithProtocol(nekton.Protocol{NoStreamProbe: s.NoStreamPings}),
	}
	if k == NektonV1Plain {
		options = append(options, nekton.WithCompression(false))
	}
	if k.V1() && !s.Store {
		options = append(options, nekton.WithForeignMembers()) // members without metadata
	}
	if s.Key != nil {
		ring, err := seal.NewKeyring(s.Key)
		if err != nil {
			return nil, err
		}
		options = append(options, nekton.WithKeyring(ring))
	}
	intervals := types.GossipIntervals{
		GossipInterval: s.Pace.Gossip, PushPullInterval: s.Pace.PushPull, ProbeInterval: s.Pace.Probe,
		ProbeTimeout: s.Pace.ProbeTimeout, QuorumTimeout: time.Minute, SuspicionMult: s.Pace.SuspicionMult,
	}
	n := nekton.NewNode(s.Medium.Addr(), types.NodeId(s.ID), 1, intervals, k.Version(), Cluster, "", options...)
	if len(s.Peers) > 0 {
		peers := make(map[types.NodeId]types.NodeUpdate, len(s.Peers))
		for _, id := range s.Peers {
			peers[types.NodeId(id)] = types.NodeUpdate{QuorumMember: true}
		}
		n.UpdateCluster(peers)
	}
	var watch func(<-chan nekton.Event)
	if s.Watch.any() {
		watch = func(events <-chan nekton.Event) { follow(events, s.Watch) }
	}
	o := &ours{Node: peer.Attend(n, watch), kind: k, store: s.Store}
	if err := o.Start(types.GossipStartConfiguration{}); err != nil {
		o.Kill()
		return nil, err
	}
	o.addr = o.Node.Addr()
	return o, nil
}

// follow tells a watch.
func follow(events <-chan nekton.Event, w Watch) {
	for e := range events {
		switch e := e.(type) {
		case nekton.MemberEvent:
			if w.Dead != nil && (e.Change == nekton.MemberFailed || e.Change == nekton.MemberLeft) {
				w.Dead(e.When(), bare(string(e.Node)))
			}
		case nekton.StoreEvent:
			if w.News != nil {
				w.News(e.When(), bare(string(e.Node)))
			}
		}
	}
}

func (o *ours) Addr() netip.AddrPort { return o.addr }

func (o *ours) Join(at netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return o.Rejoin(ctx, at.String())
}

func (o *ours) Alive() int {
	s := o.Stats().Protocol
	return s.Alive + s.Suspect
}

func (o *ours) Publish(key, value string) error {
	if o.kind.V1() && !o.store {
		return ErrNoMeta
	}
	return o.SetSelf(types.StoreKey(key), value)
}

func (o *ours) Reads(id, key string) string {
	value, err := nekton.Value[string](o.Node.Node, types.NodeId(id), types.StoreKey(key))
	if err != nil {
		return "" // not there yet
	}
	return value
}
