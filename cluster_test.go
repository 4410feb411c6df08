package nekton

import (
	"fmt"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

func TestNodesFindEachOtherAndSeeEachOthersValues(t *testing.T) {
	for _, size := range []int{3, 4, 5, 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			nodes := cluster(t, size)
			for i, n := range nodes {
				n.UpdateSelf("index", i)
			}
			for _, n := range nodes {
				eventually(t, func() bool { return len(Values[int](n, "index")) == size }, "%s sees all values", n.NodeId())
				for id, i := range Values[int](n, "index") {
					if nodes[i].NodeId() != id {
						t.Errorf("%s sees value %d at %s", n.NodeId(), i, id)
					}
				}
				if got := len(n.GetNodes()); got != size {
					t.Errorf("%s lists %d members, want %d", n.NodeId(), got, size)
				}
			}
			if err := nodes[0].Stop(5 * time.Second); err != nil {
				t.Fatal(err)
			}
			if got := nodes[0].GetSelfStatus(); got != types.NODE_STATUS_DOWN {
				t.Errorf("after leaving, the own status is %v", got)
			}
			for _, n := range nodes[1:] {
				awaitStatus(t, n, nodes[0].NodeId(), types.NODE_STATUS_DOWN)
			}
		})
	}
}
