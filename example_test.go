package nekton_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/types"
)

// Two nodes find each other, and one reads what the other publishes.
func Example() {
	intervals := types.GossipIntervals{
		GossipInterval: 50 * time.Millisecond, PushPullInterval: time.Second,
		ProbeInterval: time.Second, ProbeTimeout: 200 * time.Millisecond,
		QuorumTimeout: types.DEFAULT_QUORUM_TIMEOUT, SuspicionMult: types.DEFAULT_SUSPICION_MULTIPLIER,
	}
	a := nekton.NewNode("127.0.0.1:0", "a", 1, intervals, types.GOSSIP_VERSION_2, "example", "")
	b := nekton.NewNode("127.0.0.1:0", "b", 1, intervals, types.GOSSIP_VERSION_2, "example", "")
	if err := a.Start(types.GossipStartConfiguration{}); err != nil {
		log.Fatal(err)
	}
	seed := map[types.NodeId]types.GossipNodeConfiguration{"a": {KnownUrl: a.Addr()}}
	if err := b.Start(types.GossipStartConfiguration{Nodes: seed}); err != nil {
		log.Fatal(err)
	}
	events := a.Subscribe(context.Background())
	a.UpdateCluster(map[types.NodeId]types.NodeUpdate{"a": {QuorumMember: true}, "b": {QuorumMember: true}})
	b.UpdateSelf("colour", "green")
	for e := range events {
		if _, changed := e.(nekton.StoreEvent); changed {
			break
		}
	}
	colour, err := nekton.Value[string](a, "b", "colour")
	fmt.Println(colour, err, a.GetSelfStatus())
	fmt.Println(b.Stop(5*time.Second), a.Stop(5*time.Second))
	// Output:
	// green <nil> NODE_STATUS_UP
	// <nil> <nil>
}

// New is the call that users of libopenstorage/gossip know. It never fails; what is
// wrong with its arguments is the error of Start.
func ExampleNew() {
	g := nekton.New("127.0.0.1", "n", 1, types.GossipIntervals{}, types.DEFAULT_GOSSIP_VERSION, "example", "")
	g.UpdateSelf("works", "before Start")
	fmt.Println(g.Start(types.GossipStartConfiguration{}))
	fmt.Println(g.GetLocalState()["n"].Value)
	// Output:
	// nekton: start: transport: address "127.0.0.1": write "host:port", and "[host]:port" for IPv6
	// map[works:before Start]
}

// A struct keeps its type where the type is registered, and is a map elsewhere.
func ExampleWithType() {
	type Disk struct {
		Path string
		Size int64
	}
	n := nekton.NewNode("127.0.0.1:0", "n", 1, types.GossipIntervals{}, "v2", "example", "", nekton.WithType("disk", Disk{}))
	n.UpdateSelf("disk", Disk{"/dev/sda", 1 << 40})
	disk, err := nekton.Value[Disk](n, "n", "disk")
	fmt.Println(disk, err)
	n.UpdateSelf("other", struct{ Path string }{"/dev/sdb"})
	fmt.Println(n.GetLocalState()["n"].Value["other"])
	// Output:
	// {/dev/sda 1099511627776} <nil>
	// map[Path:/dev/sdb]
}

// SetSelf says why a value was refused, which UpdateSelf cannot.
func ExampleNode_SetSelf() {
	n := nekton.NewNode("127.0.0.1:0", "n", 1, types.GossipIntervals{}, "v2", "example", "", nekton.WithLimits(nekton.Limits{Value: 8}))
	err := n.SetSelf("k", "longer than the limit")
	var limit *nekton.LimitError
	fmt.Println(errors.As(err, &limit), err)
	fmt.Println(n.SetSelf("k", make(chan int)))
	// Output:
	// true nekton: set "k": store: value too large: key "k" of "n": 25 bytes, limit 8
	// nekton: set "k": store: cannot encode chan int
}

// A node can be stopped once; the full cycle of Start and Stop can be repeated.
func ExampleNode_Stop() {
	n := nekton.NewNode("127.0.0.1:0", "n", 1, types.GossipIntervals{}, "v2", "example", "")
	fmt.Println(n.Stop(time.Second))
	for range 2 {
		fmt.Println(n.Start(types.GossipStartConfiguration{}), n.Stop(time.Second), n.GetSelfStatus())
	}
	fmt.Println(n.Stop(time.Second))
	// Output:
	// nekton: stop: the node was never started; call Start first
	// <nil> <nil> NODE_STATUS_DOWN
	// <nil> <nil> NODE_STATUS_DOWN
	// nekton: stop: the node is stopped
}
