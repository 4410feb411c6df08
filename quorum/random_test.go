package quorum

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
	"pgregory.net/rapid"
)

// A walk is a random life of the node "a" among few others, beside what a reader
// of the outputs alone would believe.
type walk struct {
	m      *Machine
	now    time.Duration
	status map[types.NodeId]types.NodeStatus // the table, by returned and taken changes only
	counts map[types.NodeId]string           // who was counted by the last UpdateCluster, and where
	open   []Check
	kind   types.QuorumProvider
}

var (
	anyID     = rapid.SampledFrom([]types.NodeId{"a", "b", "c", "d", "e", "f"})
	anyDomain = rapid.SampledFrom([]string{"east", "west", "south"})
	anyStatus = rapid.Custom(func(t *rapid.T) types.NodeStatus {
		return types.NodeStatus(rapid.IntRange(0, 7).Draw(t, "status"))
	})
	anyMap  = rapid.MapOf(anyDomain, rapid.SampledFrom([]types.ClusterDomainState{"Active", "Active", "Inactive"}))
	anySpan = rapid.SampledFrom([]time.Duration{0, 1, second, 10 * second, minute})
)

func randomLife(t *rapid.T) {
	w := &walk{m: New("a", "east"), status: map[types.NodeId]types.NodeStatus{"a": out}}
	t.Repeat(map[string]func(*rapid.T){
		"start": w.start,
		"stop": func(t *rapid.T) {
			w.m.Stop()
			w.open = nil
		},
		"event": func(t *rapid.T) {
			w.m.HandleEvent(w.now, types.StateEvent(rapid.IntRange(0, 7).Draw(t, "event")))
		},
		"peer alive": func(t *rapid.T) { w.peerAlive(t) },
		"peer left":  func(t *rapid.T) { w.m.HandlePeerLeft(w.now, anyID.Draw(t, "id")) },
		"answer":     w.answer,
		"time":       w.passTime,
		"cluster":    w.updateCluster,
		"active map": func(t *rapid.T) { w.m.UpdateActiveMap(w.now, anyMap.Draw(t, "map")) },
		"own domain": func(t *rapid.T) {
			d := anyDomain.Draw(t, "domain")
			if _, counted := w.counts["a"]; counted && d != w.m.SelfDomain() {
				w.counts["a"] = d
			}
			w.m.SetSelfDomain(w.now, d)
		},
		"add":    w.addNode,
		"remove": w.removeNode,
		"set status": func(t *rapid.T) {
			id := anyID.Draw(t, "id")
			_, known := w.m.Node(id)
			if err := w.m.SetStatus(id, anyStatus.Draw(t, "status")); (err == nil) != known {
				t.Fatalf("%s is known: %v, error: %v", id, known, err)
			}
		},
		"": w.check,
	})
}

func (w *walk) start(t *rapid.T) {
	cfg := StartConfig{
		Provider:      types.QuorumProvider(rapid.IntRange(0, 3).Draw(t, "provider")),
		ActiveMap:     anyMap.Draw(t, "map"),
		Domains:       rapid.MapOf(anyID, anyDomain).Draw(t, "domains"),
		QuorumTimeout: anySpan.Draw(t, "quorum timeout"),
		Probation:     anySpan.Draw(t, "probation"),
		CheckTimeout:  anySpan.Draw(t, "check timeout"),
	}
	wasRunning := w.m.Running()
	if err := w.m.Start(cfg); (err != nil) != wasRunning {
		t.Fatalf("running: %v, error: %v", wasRunning, err)
	} else if err == nil {
		w.kind = cfg.Provider
		if got := w.m.SelfStatus(); got != out {
			t.Fatalf("started as %v", got)
		}
	}
}

func (w *walk) peerAlive(t *rapid.T) {
	id := anyID.Draw(t, "id")
	w.m.HandlePeerAlive(w.now, id)
	if s, known := w.m.Status(id); known && w.m.Running() && id != "a" && (s != up || w.m.OnProbation(id)) {
		t.Fatalf("%s is alive and %v, on probation: %v", id, s, w.m.OnProbation(id))
	}
}

func (w *walk) answer(t *rapid.T) {
	w.open = append(w.open, w.m.TakeChecks()...)
	if len(w.open) == 0 {
		return
	}
	c := rapid.SampledFrom(w.open).Draw(t, "check")
	s := rapid.SampledFrom(c.Siblings).Draw(t, "sibling")
	w.m.HandleSiblingAnswer(w.now, c.ID, s, rapid.Bool().Draw(t, "answered"))
}

func (w *walk) passTime(t *rapid.T) {
	w.now += anySpan.Draw(t, "span")
	w.m.HandleTimeout(w.now)
	if at, ok := w.m.NextDeadline(); ok && at <= w.now {
		t.Fatalf("deadline at %v is left at %v", at, w.now)
	}
}

func (w *walk) updateCluster(t *rapid.T) {
	peers := make(map[types.NodeId]types.NodeUpdate)
	for _, id := range rapid.SliceOfDistinct(anyID, rapid.ID).Draw(t, "peers") {
		peers[id] = types.NodeUpdate{
			QuorumMember: rapid.Bool().Draw(t, "member"), ClusterDomain: anyDomain.Draw(t, "domain"),
		}
	}
	added, removed := w.m.UpdateCluster(w.now, peers)
	if !slices.IsSorted(added) || !slices.IsSorted(removed) || slices.Contains(removed, "a") {
		t.Fatalf("added %v, removed %v", added, removed)
	}
	for _, id := range added {
		w.status[id] = down
	}
	for _, id := range removed {
		delete(w.status, id)
	}
	w.counts = make(map[types.NodeId]string)
	for id, p := range peers {
		if p.QuorumMember {
			w.counts[id] = p.ClusterDomain
		}
	}
}

func (w *walk) addNode(t *rapid.T) {
	id, status := anyID.Draw(t, "id"), anyStatus.Draw(t, "status")
	if w.m.AddNode(id, status, rapid.Bool().Draw(t, "member"), anyDomain.Draw(t, "domain")) {
		w.status[id] = status
	}
}

func (w *walk) removeNode(t *rapid.T) {
	id := anyID.Draw(t, "id")
	if _, known := w.status[id]; (w.m.RemoveNode(id) == nil) != (known && id != "a") {
		t.Fatalf("%s is known: %v", id, known)
	}
	if id != "a" {
		delete(w.status, id)
	}
}

// check runs after every step.
func (w *walk) check(t *rapid.T) {
	checkInvariants(t, w.m, w.now)
	for _, c := range w.m.TakeChanges() {
		if w.status[c.ID] != c.From || c.From == c.To || c.Self != (c.ID == "a") {
			t.Fatalf("change %+v does not follow %v", c, w.status[c.ID])
		}
		w.status[c.ID] = c.To
	}
	nodes := make(map[types.NodeId]Node)
	for _, id := range w.m.Nodes() {
		n, _ := w.m.Node(id)
		if w.status[id] != n.Status {
			t.Fatalf("%s is %v, the changes say %v", id, n.Status, w.status[id])
		}
		nodes[id] = n
	}
	if len(nodes) != len(w.status) {
		t.Fatalf("known are %v, the commands said %v", w.m.Nodes(), slices.Sorted(maps.Keys(w.status)))
	}
	if got, want := w.m.InQuorum(), naiveInQuorum(w.kind, "a", nodes, w.counts, w.m.cfg.ActiveMap); got != want {
		t.Fatalf("in quorum: %v, counting votes one by one: %v", got, want)
	}
}

func TestWhateverHappensTheInvariantsHold(t *testing.T) {
	rapid.Check(t, randomLife)
}

func FuzzMachine(f *testing.F) {
	f.Fuzz(rapid.MakeFuzz(randomLife))
}

// The same life twice gives the same outputs, for all that maps are ranged over.
func TestTheSameInputsGiveTheSameOutputs(t *testing.T) {
	live := func() (changes []Change, checks []Check) {
		m := New("a", "east")
		peers := make(map[types.NodeId]types.NodeUpdate)
		for c := 'a'; c <= 'z'; c++ {
			peers[types.NodeId(c)] = types.NodeUpdate{QuorumMember: true, ClusterDomain: []string{"east", "west"}[c%2]}
		}
		if err := m.Start(StartConfig{
			Provider: types.QUORUM_PROVIDER_FAILURE_DOMAINS, ActiveMap: domains("east", "west"), CheckTimeout: second,
		}); err != nil {
			t.Fatal(err)
		}
		added, _ := m.UpdateCluster(0, peers)
		for _, id := range added {
			m.HandlePeerAlive(0, id)
		}
		for _, id := range added {
			m.HandlePeerLeft(second, id)
		}
		checks = m.TakeChecks()
		m.HandleTimeout(3 * second) // all checks at once
		m.HandleTimeout(5 * minute) // all probations at once
		m.Stop()
		if err := m.Start(StartConfig{}); err != nil {
			t.Fatal(err)
		}
		return m.TakeChanges(), checks
	}
	changes, checks := live()
	if len(changes) < 60 || len(checks) != 13 {
		t.Fatalf("%d changes, %d checks", len(changes), len(checks))
	}
	for range 5 {
		moreChanges, moreChecks := live()
		if !slices.Equal(changes, moreChanges) {
			t.Fatal("other changes")
		}
		if !slices.EqualFunc(checks, moreChecks, func(a, b Check) bool {
			return a.ID == b.ID && a.Peer == b.Peer && slices.Equal(a.Siblings, b.Siblings)
		}) {
			t.Fatal("other checks")
		}
	}
}
