package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long something may take on a busy machine.
const patience = 20 * time.Second

// build makes the binary.
func build(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("SIGTERM cannot be sent to a process on Windows")
	}
	binary := filepath.Join(t.TempDir(), "nekton")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// A process is a nekton that runs on its own.
type process struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	ended chan struct{}

	mu    sync.Mutex
	lines []string
	grown chan struct{} // closed, and replaced, when a line comes
}

// launch starts the binary; the test kills it if it does not end.
func launch(t *testing.T, binary, name string, args ...string) *process {
	t.Helper()
	p := &process{t: t, name: name, cmd: exec.Command(binary, args...), ended: make(chan struct{}), grown: make(chan struct{})}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = p.cmd.Stdout
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			p.mu.Lock()
			p.lines = append(p.lines, s.Text())
			close(p.grown)
			p.grown = make(chan struct{})
			p.mu.Unlock()
		}
		p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.ended
	})
	return p
}

// line waits for a line that matches, and returns what its groups matched.
func (p *process) line(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for seen := 0; ; {
		p.mu.Lock()
		lines, grown := p.lines[seen:], p.grown
		p.mu.Unlock()
		for _, l := range lines {
			if m := re.FindStringSubmatch(l); m != nil {
				return m
			}
		}
		seen += len(lines)
		select {
		case <-grown:
		case <-deadline:
			p.t.Fatalf("%s printed no line like %q:\n%s", p.name, pattern, p.text())
		}
	}
}

func (p *process) text() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// end sends a signal, and returns what the process exits with.
func (p *process) end(s os.Signal) int {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Fatal(err)
	}
	return p.exit()
}

func (p *process) exit() int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatalf("%s does not end:\n%s", p.name, p.text())
	}
	return p.cmd.ProcessState.ExitCode()
}

// paced are intervals with which things happen soon.
var paced = []string{"-probe", "200ms", "-timeout", "80ms", "-gossip", "40ms", "-push-pull", "500ms", "-suspicion-mult", "3", "-heal", "200ms", "-cluster", "agent-test"}

func TestTwoProcessesMeetShareValuesAndPart(t *testing.T) {
	binary := build(t)
	a := launch(t, binary, "a", append([]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-metrics", "127.0.0.1:0", "-set", "color=red"}, paced...)...)
	scrape := a.line(`metrics are served on (http://\S+)`)[1]
	addr := a.line(`a of cluster "agent-test" listens on (\S+) \(generation 1, version v2\)`)[1]

	b := launch(t, binary, "b", append([]string{"agent", "-id", "b", "-bind", "127.0.0.1:0", "-gen", "3", "-join", addr, "-set", "color=blue", "-set", "size=2"}, paced...)...)
	a.line(`member b joined at 127\.0\.0\.1:\d+`)
	b.line(`member a joined at ` + regexp.QuoteMeta(addr))
	a.line(`values of b: color=blue size=2$`)
	b.line(`values of a: color=red$`)

	response, err := http.Get(scrape)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(response.Body)
	response.Body.Close()
	if err != nil || !strings.Contains(string(body), `nekton_members{node="a",state="alive"} 2`) || !strings.Contains(string(body), "go_goroutines ") {
		t.Errorf("%s (%v) does not count two members:\n%s", scrape, err, body)
	}

	if code := b.end(syscall.SIGTERM); code != exitOK {
		t.Errorf("b exits with %d:\n%s", code, b.text())
	}
	b.line(`leaving, at most 5s`)
	b.line(`left, acknowledged$`)
	a.line(`member b left$`)
	a.line(`node b NODE_STATUS_UP -> NODE_STATUS_DOWN`)
	if strings.Contains(a.text(), "failed") || strings.Contains(a.text(), "suspected") {
		t.Errorf("a took b's departure for a failure:\n%s", a.text())
	}
	if code := a.end(os.Interrupt); code != exitOK {
		t.Errorf("a exits with %d on an interrupt:\n%s", code, a.text())
	}
}

func TestAKilledProcessFailsAtItsPeers(t *testing.T) {
	binary := build(t)
	members := func(a, b string) string { return fmt.Sprintf("a=%s@east,b=%s@west", a, b) }
	a := launch(t, binary, "a", append([]string{"agent", "-id", "a", "-bind", "127.0.0.1:0", "-domain", "east", "-quorum-timeout", "200ms", "-members", members("127.0.0.1:1", "127.0.0.1:2")}, paced...)...)
	addr := a.line(`a of cluster "agent-test" listens on (\S+)`)[1]
	b := launch(t, binary, "b", append([]string{"agent", "-id", "b", "-bind", "127.0.0.1:0", "-domain", "west", "-join", addr, "-members", members(addr, "127.0.0.1:2")}, paced...)...)
	a.line(`self NODE_STATUS_NOT_IN_QUORUM -> NODE_STATUS_UP \(2 of 2 alive, 2 needed\)`)
	b.line(`self NODE_STATUS_NOT_IN_QUORUM -> NODE_STATUS_UP`)

	if code := b.end(os.Kill); code == exitOK {
		t.Errorf("a killed process exits with %d", code)
	}
	a.line(`member b suspected, says a`)
	a.line(`member b failed, says a`)
	a.line(`self NODE_STATUS_UP -> NODE_STATUS_SUSPECT_NOT_IN_QUORUM \(1 of 2 alive, 2 needed\)`)
	a.line(`self NODE_STATUS_SUSPECT_NOT_IN_QUORUM -> NODE_STATUS_NOT_IN_QUORUM`)
	if code := a.end(syscall.SIGTERM); code != exitOK {
		t.Errorf("a exits with %d when nobody is left to acknowledge:\n%s", code, a.text())
	}
}

func TestAProcessThatIsRefusedSaysWhyAndExitsWithOne(t *testing.T) {
	binary := build(t)
	a := launch(t, binary, "a", append([]string{"agent", "-id", "a", "-bind", "127.0.0.1:0"}, paced...)...)
	addr := a.line(`listens on (\S+)`)[1]
	for name, args := range map[string][]string{
		"cluster": {"-join", addr, "-cluster", "other"},
		"foreign": {"-foreign"},
		"address": {"-bind", addr},
	} {
		b := launch(t, binary, "b", append(append([]string{"agent", "-id", "b", "-bind", "127.0.0.1:0"}, paced...), args...)...)
		if code := b.exit(); code != exitFailed {
			t.Errorf("%s: exits with %d:\n%s", name, code, b.text())
		}
		want := map[string]string{"cluster": `"other"`, "foreign": `memberlist's wire only`, "address": addr}[name]
		if !strings.Contains(b.text(), want) {
			t.Errorf("%s: %q is not said:\n%s", name, want, b.text())
		}
	}
}

func TestAProcessWhoseSeedIsNotThereYetFindsItLater(t *testing.T) {
	binary := build(t)
	// A port on which something was, and is not any more.
	early := launch(t, binary, "early", append([]string{"agent", "-id", "early", "-bind", "127.0.0.1:0"}, paced...)...)
	addr := early.line(`listens on (\S+)`)[1]
	early.end(syscall.SIGTERM)

	b := launch(t, binary, "b", append([]string{"agent", "-id", "b", "-bind", "127.0.0.1:0", "-join", addr}, paced...)...)
	b.line(`no seed answers yet: .*` + regexp.QuoteMeta(addr))
	b.line(`listens on`)
	a := launch(t, binary, "a", append([]string{"agent", "-id", "a", "-bind", addr}, paced...)...)
	a.line(`member b joined`)
	b.line(`member a joined`)
}

// A process that speaks both wires is met by one on memberlist's and by one on
// nekton's, which do not meet each other. All have the keys of one file, and a label.
func TestABridgedProcessIsMetOnBothWires(t *testing.T) {
	binary := build(t)
	keys := filepath.Join(t.TempDir(), "keys")
	if err := os.WriteFile(keys, []byte("# test\nMDEyMzQ1Njc4OWFiY2RlZg==\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	args := func(id string, more ...string) []string {
		return append([]string{"agent", "-id", id, "-bind", "127.0.0.1:0", "-keys", keys, "-label", "blue",
			"-push-pull", "500ms", "-set", "name=" + id}, more...)
	}
	const listens = `listens on (\S+) \(generation 1, version (\S+)\)`
	v1 := launch(t, binary, "v1", args("old", "-version", "v1")...)
	seed := v1.line(listens)[1]
	both := launch(t, binary, "both", args("both", "-bridge", "v1", "-join", seed)...)
	addr := both.line(listens)[1]
	v2 := launch(t, binary, "v2", args("new", "-join", addr)...)
	v2.line(listens)

	v1.line(`member both joined`)
	v1.line(`values of both: name=both`)
	both.line(`member old joined`)
	both.line(`values of old: name=old`)
	both.line(`member new joined`)
	both.line(`values of new: name=new`)
	v2.line(`member both joined`)
	v2.line(`values of both: name=both`)
}
