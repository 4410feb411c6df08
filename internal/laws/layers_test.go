package laws

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A layer is a package's place: what it may import of this module, and which
// modules of others. The standard library is open to all but the pure packages.
type layer struct {
	own    []string
	others []string
}

const (
	msgpack    = "github.com/vmihailenco/msgpack/v5"
	tagparser  = "github.com/vmihailenco/tagparser/v2"
	xsync      = "golang.org/x/sync"
	prometheus = "github.com/prometheus"
)

// layers is the picture of docs/architecture.md. Imports point down only, and
// swim, quorum and store do not know each other.
func layers() map[string]layer {
	return map[string]layer{
		"types":            {},
		"swim":             {},
		"internal/mpack":   {},
		"swim/wirev1":      {own: []string{"swim", "internal/mpack"}},
		"swim/wirev2":      {own: []string{"swim", "internal/mpack"}},
		"swim/bridge":      {own: []string{"swim"}},
		"quorum":           {own: []string{"types"}},
		"store":            {own: []string{"types", "internal/mpack"}, others: []string{msgpack}},
		"internal/gobwire": {own: []string{"types", "store"}},
		"internal/node":    {own: []string{"types", "swim", "swim/bridge", "quorum", "store", "internal/gobwire"}},
		"transport":        {own: []string{"types"}, others: []string{xsync}},
		"transport/seal":   {own: []string{"types", "swim", "swim/wirev1", "internal/mpack", "transport"}},
		"": {
			own: []string{
				"types", "swim", "swim/wirev1", "swim/wirev2", "quorum", "store", "internal/gobwire", "internal/node",
				"transport", "transport/seal",
			},
			others: []string{xsync},
		},
		"sim/virtual": {own: []string{"swim"}},
		"sim": {own: []string{
			"types", "swim", "swim/wirev1", "swim/wirev2", "quorum", "store", "internal/gobwire", "internal/node", "sim/virtual",
		}},
		"sim/scenario": {own: []string{
			"types", "swim", "swim/wirev1", "swim/wirev2", "internal/node", "sim/virtual", "sim",
		}},
		"sim/swarm": {
			own: []string{"types", "swim", "swim/wirev2", "internal/node", "sim", "sim/virtual"}, others: []string{xsync},
		},
		"sim/explore": {own: []string{"swim", "swim/wirev2"}},
		"sim/gallery": {own: []string{"sim/scenario"}},
		"sim/trial":   {own: []string{"types", "swim", "internal/node", "sim", "sim/virtual"}},
		"internal/papers": {own: []string{
			"types", "swim", "swim/wirev2", "internal/node", "sim/virtual", "sim", "internal/chart",
		}},
		"metrics":          {own: []string{"", "types", "swim", "transport"}, others: []string{prometheus}},
		"internal/chart":   {},
		"internal/mutants": {},
		"internal/laws":    {},
	}
}

func TestImportsPointDownOnly(t *testing.T) {
	m, layers := load(t), layers()
	for _, s := range m.sorted() {
		if strings.HasPrefix(s.dir, "cmd/") {
			continue // the top: it may use everything
		}
		l, ok := layers[s.dir]
		if !ok {
			t.Errorf("%s has no place: give it a line in layers() and a row in docs/architecture.md", s.name())
			continue
		}
		for _, path := range imports(s.files) {
			if dir, own := ownDir(path); own {
				if !slices.Contains(l.own, dir) {
					t.Errorf("%s imports %s, which is not below it", s.name(), path)
				}
			} else if thirdParty(path) && !slices.ContainsFunc(l.others, func(mod string) bool { return within(path, mod) }) {
				t.Errorf("%s imports %s; it may use %q only", s.name(), path, l.others)
			}
		}
	}
}

func TestEveryPlaceInTheLayersIsTaken(t *testing.T) {
	m := load(t)
	for dir := range layers() {
		if s := m.packages[dir]; s == nil || len(s.files) == 0 {
			t.Errorf("layers() has a line for %q, and there is no such package", dir)
		}
	}
}

func TestNothingImportsACommand(t *testing.T) {
	m := load(t)
	for _, s := range m.sorted() {
		for _, path := range imports(s.all()) {
			dir, own := ownDir(path)
			if own && strings.HasPrefix(dir, "cmd/") && !strings.HasPrefix(s.dir, "cmd/") {
				t.Errorf("%s imports %s", s.name(), path)
			}
		}
	}
}

func TestHashicorpIsNotInTheMainModule(t *testing.T) {
	m := load(t)
	gomod, err := os.ReadFile(filepath.Join(m.root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(gomod, []byte("hashicorp/")) {
		t.Error("go.mod requires a module of hashicorp; comparisons belong into bench, a module of its own")
	}
	for _, s := range m.sorted() {
		for _, path := range imports(s.all()) {
			if strings.Contains(path, "hashicorp/") {
				t.Errorf("%s imports %s", s.name(), path)
			}
		}
	}
}

// The law is about what ends up in a user's binary, so it counts through all
// dependencies, as the go command sees them on this platform.
func TestAProgramThatLinksTheLibraryGetsMsgpackAndSyncOnly(t *testing.T) {
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command here to ask")
	}
	m := load(t)
	for _, s := range m.sorted() {
		if len(s.files) == 0 || s.dir == "metrics" || strings.HasPrefix(s.dir, "cmd/") {
			continue // these are for who wants them
		}
		list := exec.Command(goCommand, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./"+s.dir)
		list.Dir = m.root
		list.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=readonly", "GOWORK=off", "GOTOOLCHAIN=local")
		out, err := list.Output()
		if strings.Contains(stderrOf(err), "disabled by GOPROXY=off") {
			t.Skip("the dependencies are not on this machine yet; go test ./... brings them")
		}
		if err != nil {
			t.Fatalf("go list of %s: %v\n%s", s.name(), err, stderrOf(err))
		}
		linked := strings.Fields(string(out))
		if len(linked) == 0 {
			t.Fatalf("go list of %s names nothing, not even the package", s.name())
		}
		for _, path := range linked {
			if !within(path, modulePath) && !within(path, msgpack) && !within(path, tagparser) && !within(path, xsync) {
				t.Errorf("%s links %s", s.name(), path)
			}
		}
	}
}

// Figures are for pages. Nothing that is for users to link may bring them along, however
// indirectly.
func TestOnlyCommandsAndToolsDraw(t *testing.T) {
	m, layers := load(t), layers()
	const drawing = "internal/chart"
	var draws func(dir string) bool
	draws = func(dir string) bool {
		return slices.ContainsFunc(layers[dir].own, func(own string) bool { return own == drawing || draws(own) })
	}
	for _, s := range m.sorted() {
		public := !strings.HasPrefix(s.dir, "internal/") && !strings.HasPrefix(s.dir, "cmd/") && !strings.HasPrefix(s.dir, "tools/")
		if public && draws(s.dir) {
			t.Errorf("%s uses %s; whoever links it would too", s.name(), drawing)
		}
	}
}

func stderrOf(err error) string {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return string(exit.Stderr)
	}
	return ""
}

// thirdParty reports whether a path is neither of the standard library nor ours.
func thirdParty(path string) bool {
	host, _, _ := strings.Cut(path, "/")
	_, own := ownDir(path)
	return strings.Contains(host, ".") && !own
}

// within reports whether a package belongs to a module.
func within(path, module string) bool {
	return path == module || strings.HasPrefix(path, module+"/")
}
