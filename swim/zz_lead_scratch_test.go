package swim_test

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestZZLead(t *testing.T) {
	if os.Getenv("LEAD") == "" {
		t.Skip()
	}
	// big join
	for _, n := range []int{500} {
		w := time.Now()
		cl := newCluster(t, 9)
		cl.start(n, nil)
		d := cl.until(2*time.Minute, "formed", func() bool {
			for _, p := range cl.up() {
				if p.core.Stats().Alive != n {
					return false
				}
			}
			return true
		})
		fmt.Println("join", n, "formed", d, "wall", time.Since(w), "MB", cl.bytes>>20, "streams", cl.streams)
	}
}
