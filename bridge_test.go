package nekton

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// disk is a value of a program.
type shelf struct {
	Path string
	Free int
}

// A cluster goes from memberlist's wire to nekton's, one node at a time, over the
// bridge. Everybody writes before each step, structs among it; whoever runs stays UP,
// and everybody shows what all have written.
func TestAClusterMovesToNektonsWireNodeByNode(t *testing.T) {
	t.Parallel()
	keys, err := seal.NewKeyring([]byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	for _, around := range []struct {
		name string
		opts []Option
	}{
		{"plain", nil},
		{"labelled and encrypted", []Option{WithKeyring(keys), WithLabel("blue")}},
	} {
		t.Run(around.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.opts = append(around.opts, WithType("nekton_test.shelf", shelf{}))
			s.intervals.PushPullInterval = 200 * time.Millisecond
			ids := []types.NodeId{"n1", "n2", "n3", "n4", "n5"}
			nodes := map[types.NodeId]*Node{}
			running := func() (all []*Node) {
				for _, id := range ids {
					if nodes[id] != nil {
						all = append(all, nodes[id])
					}
				}
				return all
			}
			left := make(chan string, 100)
			start := func(id types.NodeId, addr, version string, opts ...Option) {
				s.version = version
				n := s.nodeAt(addr, id, 1, "", opts...)
				s.start(n, running()...)
				nodes[id] = n
				list(running()...)
				allUp(t, running()...)
				go func() {
					for e := range n.Events(t.Context()) {
						if e, ok := e.(StatusEvent); ok && e.Node == id && e.From == types.NODE_STATUS_UP && e.To != types.NODE_STATUS_DOWN {
							left <- fmt.Sprintf("%s leaves UP: %v", id, e.To)
						}
					}
				}()
			}
			for _, id := range ids {
				start(id, "127.0.0.1:0", "v1")
			}
			step := 0
			write := func() {
				step++
				for _, n := range running() {
					n.UpdateSelf("disk", shelf{Path: string(n.NodeId()), Free: step})
				}
				for _, n := range running() {
					publishes(t, running(), n.NodeId(), "disk", shelf{Path: string(n.NodeId()), Free: step})
				}
			}
			write()
			for _, to := range []struct {
				version string
				opts    []Option
			}{{"v2", []Option{WithBridge("v1")}}, {"v2", nil}} {
				for _, id := range ids {
					addr := nodes[id].Addr()
					if err := nodes[id].Stop(patience); err != nil {
						t.Fatal(err)
					}
					delete(nodes, id)
					start(id, addr, to.version, to.opts...)
					write()
				}
			}
			select {
			case what := <-left:
				t.Error(what)
			default:
			}
			for _, n := range running() {
				if st := n.Stats(); st.Quorum.Alive != len(ids) || st.LostStates != 0 || st.RefusedValues != 0 {
					t.Errorf("%s: %d alive, %d states lost, %d values refused", n.NodeId(), st.Quorum.Alive, st.LostStates, st.RefusedValues)
				}
			}
		})
	}
}

func TestABridgedNodeFindsItsLikeThroughMembersOfMemberlistsWireAlone(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.version = "v1"
	seed := s.node("seed", "")
	s.start(seed)
	s.version, s.opts = "v2", []Option{WithBridge("v1")}
	a, b := s.node("a", ""), s.node("b", "")
	s.start(a, seed)
	s.start(b, seed)
	list(seed, a, b)
	allUp(t, seed, a, b)
	stopAll(t, seed)
	awaitStatus(t, a, "seed", types.NODE_STATUS_DOWN)
	// What is told on memberlist's wire alone knows neither generation nor boot.
	for _, n := range []*Node{a, b} {
		eventually(t, func() bool {
			m := member(n, map[types.NodeId]types.NodeId{"a": "b", "b": "a"}[n.NodeId()])
			return m.State == MemberAlive && m.Generation == 1
		}, "%s has met the other on nekton's wire", n.NodeId())
	}
	if d, err := a.Ping("b", b.Addr()); err != nil || d <= 0 {
		t.Errorf("ping: %v, %v", d, err)
	}
}

func TestABridgeNeedsTwoWires(t *testing.T) {
	for _, tc := range []struct {
		version string
		opts    []Option
	}{
		{"v1", []Option{WithBridge("v1")}},
		{"v2", []Option{WithBridge("v2")}},
		{"v2", []Option{WithBridge("")}},
		{"v2", []Option{WithMemberlistWire(), WithBridge("v1")}},
	} {
		n := NewNode("127.0.0.1:0", "n", 1, quick(), tc.version, "c", "", tc.opts...)
		var config *ConfigError
		if err := n.Start(types.GossipStartConfiguration{}); !errors.As(err, &config) {
			t.Errorf("%+v: Start returned %v", tc, err)
			_ = n.Stop(0)
		}
	}
}
