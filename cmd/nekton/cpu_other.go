//go:build !unix

package main

import "time"

// cpuTime is the processor time that this process has used so far: unknown here.
func cpuTime() time.Duration { return 0 }
