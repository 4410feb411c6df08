package main

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/nekton-go/nekton/bench/internal/result"
)

// environment describes this machine and program. What a system does not tell is
// empty.
func environment(quick bool) result.Environment {
	env := result.Environment{
		Machine: machine(), Kernel: firstLine("/proc/sys/kernel/osrelease"), Go: runtime.Version(),
		Revision: revision(), Versions: map[string]string{}, Began: time.Now().UTC().Format(time.RFC3339),
		Load:    load(),
		Command: strings.Join(append([]string{filepath.Base(os.Args[0])}, os.Args[1:]...), " "), Quick: quick,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasSuffix(m.Path, "/memberlist") {
				env.Versions[m.Path] = m.Version
			}
		}
	}
	return env
}

func machine() string {
	name := runtime.GOARCH
	if f, err := os.Open("/proc/cpuinfo"); err == nil {
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return name + ", " + strconv.Itoa(runtime.NumCPU()) + " CPUs, " + runtime.GOOS
}

// load is that of the last one, five and fifteen minutes.
func load() string {
	fields := strings.Fields(firstLine("/proc/loadavg"))
	return strings.Join(fields[:min(3, len(fields))], " ")
}

// revision is the commit of the working directory, and whether it was changed.
func revision() string {
	head, err := exec.Command("git", "rev-parse", "--short=12", "HEAD").Output()
	if err != nil {
		return ""
	}
	changed, err := exec.Command("git", "status", "--porcelain", "--untracked-files=no").Output()
	if err == nil && len(changed) > 0 {
		return strings.TrimSpace(string(head)) + ", modified"
	}
	return strings.TrimSpace(string(head))
}

func firstLine(name string) string {
	b, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}
