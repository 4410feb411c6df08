//go:build !unix

package cost

import "time"

var began = time.Now()

// processCPU is the time since the start: on one processor, and an idle machine, that
// is close to what was used.
func processCPU() time.Duration { return time.Since(began) }
