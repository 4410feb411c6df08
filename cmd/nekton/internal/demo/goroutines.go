package demo

import (
	"bytes"
	"runtime"
	"strings"
)

// nodePackages begin the names of the functions that goroutines of nodes run.
// The command's own packages are below the module as well, and are not meant.
var nodePackages = []string{
	"github.com/nekton-go/nekton.",
	"github.com/nekton-go/nekton/transport.",
	"github.com/nekton-go/nekton/internal/node.",
	"github.com/nekton-go/nekton/swim.",
}

// nodeGoroutines counts the goroutines of this process that belong to nodes.
func nodeGoroutines() int { return len(nodeTraces()) }

// nodeStacks prints them.
func nodeStacks() string { return strings.Join(nodeTraces(), "\n\n") }

// nodeTraces returns the stack of each goroutine that was started by a node: one
// whose outermost functions are the library's.
func nodeTraces() []string {
	buf := make([]byte, 1<<20)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	var out []string
	for trace := range bytes.SplitSeq(buf, []byte("\n\n")) {
		if text := string(trace); startedByNode(text) {
			out = append(out, text)
		}
	}
	return out
}

// startedByNode reports whether the "created by" line of a trace, or the function
// at the bottom of its stack, is the library's.
func startedByNode(trace string) bool {
	lines := strings.Split(strings.TrimSpace(trace), "\n")
	for i := len(lines) - 1; i > 0; i-- {
		line := strings.TrimPrefix(lines[i], "created by ")
		if strings.HasPrefix(line, "\t") {
			continue // a file name
		}
		if isNodeFunction(line) {
			return true
		}
		if !strings.HasPrefix(line, "golang.org/x/sync/errgroup.") && lines[i] == line {
			return false // the bottom of the stack is somebody else's
		}
	}
	return false
}

func isNodeFunction(line string) bool {
	for _, p := range nodePackages {
		if strings.HasPrefix(line, p) {
			return true
		}
	}
	return false
}
