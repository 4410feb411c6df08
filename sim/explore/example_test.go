package explore_test

import (
	"context"
	"fmt"

	"github.com/nekton-go/nekton/sim/explore"
)

func Example() {
	// Two nodes, four timers, and one packet that is lost.
	cfg := explore.Config{Nodes: 2, Timeouts: 4, Drops: 1}
	r, err := explore.Run(context.Background(), cfg, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.States, "states,", r.Transitions, "transitions, violation:", r.Violation)

	// Any way through them can be told in the words of the protocol.
	trace, err := explore.Replay(cfg, "ta-x0-ta-tb-d0-d0-ta-d1-d1")
	if err != nil {
		fmt.Println(err)
	}
	fmt.Print(trace)
	// Output:
	// 233 states, 310 transitions, violation: <nil>
	//   1. a: 1s later, a timer fires
	//        a → b  ping seq=1
	//   2. a → b  ping seq=1  lost
	//   3. a: 500ms later, a timer fires
	//   4. b: 1s later, a timer fires
	//        b → a  ping seq=1025
	//   5. b → a  ping seq=1025  delivered
	//        a → b  ack seq=1025
	//   6. a → b  ack seq=1025  delivered
	//        b: probed a
	//   7. a: 500ms later, a timer fires
	//        a: suspected b @1/1000/1 from=a
	//        a → b  ping seq=2
	//        a → b  suspect b@1/1000/1 from=a
	//   8. a → b  suspect b@1/1000/1 from=a  delivered
	//        b: self-refuted b @1/1000/2 from=a
	//        b → a  alive b@1/1000/2
	//   9. b → a  alive b@1/1000/2  delivered
	//        a: refuted b @1/1000/2
}
