package explore_test

import (
	"context"
	"fmt"

	"github.com/nekton-go/nekton/sim/explore"
)

func Example() {
	// Two nodes, three timers, and one packet that is lost.
	cfg := explore.Config{Nodes: 2, Timeouts: 3, Drops: 1}
	r, err := explore.Run(context.Background(), cfg, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.States, "states,", r.Transitions, "transitions, violation:", r.Violation)

	// Any way through them can be told in the words of the protocol.
	trace, err := explore.Replay(cfg, "ta-x0-ta")
	fmt.Print(trace, err)
	// Output:
	// X
}
