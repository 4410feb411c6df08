//go:build unix

// Package meter reads what a process has used: CPU time from the system
// (getrusage), allocations and heap from the Go runtime. It measures the whole process,
// so that what runs beside the measured work is in the figures, of every side alike.
//
//	before := meter.Read()
//	…
//	used := meter.Read().Since(before)
package meter

import (
	"runtime"
	"syscall"
	"time"
)

// A Usage is what the process has used since it began, or between two readings.
type Usage struct {
	Wall    time.Duration
	CPU     time.Duration // user and system
	User    time.Duration
	Mallocs uint64
	Bytes   uint64 // allocated, whether or not they are still in use

	at time.Time
}

// Read returns the usage so far. It stops the world for a moment.
func Read() Usage {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	cpu, user := cpuTime()
	return Usage{CPU: cpu, User: user, Mallocs: m.Mallocs, Bytes: m.TotalAlloc, at: time.Now()}
}

// Since is what was used after an earlier reading. Inside a testing/synctest bubble,
// Wall is virtual time.
func (u Usage) Since(earlier Usage) Usage {
	return Usage{
		Wall: u.at.Sub(earlier.at), CPU: u.CPU - earlier.CPU, User: u.User - earlier.User,
		Mallocs: u.Mallocs - earlier.Mallocs, Bytes: u.Bytes - earlier.Bytes,
	}
}

// Heap returns the live heap in bytes, after collections that leave nothing else.
func Heap() uint64 {
	for range 3 { // finalizers and pools need more than one
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// cpuTime cannot fail for the calling process.
func cpuTime() (all, user time.Duration) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("meter: " + err.Error())
	}
	user = time.Duration(u.Utime.Nano())
	return user + time.Duration(u.Stime.Nano()), user
}
