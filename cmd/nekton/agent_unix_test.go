//go:build unix

package main

import (
	"syscall"
	"testing"
)

func TestAProcessWhoseDepartureNobodyAcknowledgesExitsWithThree(t *testing.T) {
	binary := build(t)
	a := launch(t, binary, "a", append([]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-leave-timeout", "300ms"}, paced...)...)
	addr := a.line(`listens on (\S+)`)[1]
	b := launch(t, binary, "b", append([]string{"agent", "-id", "b", "-bind", "127.0.0.1:0", "-join", addr}, paced...)...)
	a.line(`member b joined`)
	if err := b.cmd.Process.Signal(syscall.SIGSTOP); err != nil { // it is there, and does not answer
		t.Fatal(err)
	}
	// The signal takes effect some time after it was sent.
	var status syscall.WaitStatus
	if _, err := syscall.Wait4(b.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatalf("b was not stopped: %v, status %v", err, status)
	}
	if code := a.end(syscall.SIGTERM); code != exitUnheard {
		t.Errorf("exits with %d, want %d:\n%s", code, exitUnheard, a.text())
	}
	a.line(`not enough peers acknowledged the departure in time`)
}
