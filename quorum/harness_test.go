package quorum

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/nekton-go/nekton/types"
)

const (
	second = time.Second
	minute = time.Minute
)

// A rig drives one machine, the node "a", and speaks of it in short sentences.
// Everything happens at r.now.
type rig struct {
	*testing.T
	m   *Machine
	now time.Duration
}

// startRig returns a running node "a" in the given domain. Its quorum timeout is
// ten seconds unless cfg has one.
func startRig(t *testing.T, domain string, cfg StartConfig) *rig {
	t.Helper()
	r := &rig{T: t, m: New("a", domain), now: 5 * minute}
	t.Cleanup(func() { checkInvariants(t, r.m, r.now) })
	if cfg.QuorumTimeout == 0 {
		cfg.QuorumTimeout = 10 * second
	}
	if err := r.m.Start(cfg); err != nil {
		t.Fatal(err)
	}
	return r
}

// domains makes an active map in which the named ones are active.
func domains(active ...string) types.ClusterDomainsActiveMap {
	m := make(types.ClusterDomainsActiveMap)
	for _, d := range active {
		m[d] = types.CLUSTER_DOMAIN_STATE_ACTIVE
	}
	return m
}

// members makes a cluster of quorum members: "east: a b, west: c" is written as
// members("east", "a b", "west", "c"), with ids of one letter.
func members(domainsAndIDs ...string) map[types.NodeId]types.NodeUpdate {
	peers := make(map[types.NodeId]types.NodeUpdate)
	for i := 0; i < len(domainsAndIDs); i += 2 {
		for _, c := range domainsAndIDs[i+1] {
			if c != ' ' {
				peers[types.NodeId(string(c))] = types.NodeUpdate{QuorumMember: true, ClusterDomain: domainsAndIDs[i]}
			}
		}
	}
	return peers
}

func (r *rig) cluster(domainsAndIDs ...string) {
	r.m.UpdateCluster(r.now, members(domainsAndIDs...))
}

func (r *rig) alive(ids ...types.NodeId) {
	for _, id := range ids {
		r.m.HandlePeerAlive(r.now, id)
	}
}

func (r *rig) left(ids ...types.NodeId) {
	for _, id := range ids {
		r.m.HandlePeerLeft(r.now, id)
	}
}

func (r *rig) event(e types.StateEvent) { r.m.HandleEvent(r.now, e) }

// pass lets time go by, with every deadline handled when it is due.
func (r *rig) pass(d time.Duration) {
	end := r.now + d
	for at, ok := r.m.NextDeadline(); ok && at <= end; at, ok = r.m.NextDeadline() {
		r.now = at
		r.m.HandleTimeout(r.now)
	}
	r.now = end
	r.m.HandleTimeout(r.now)
}

// wantStatus takes "a" for the node itself and any other id for a peer.
func (r *rig) wantStatus(id types.NodeId, want types.NodeStatus) {
	r.Helper()
	if got, ok := r.m.Status(id); !ok || got != want {
		r.Fatalf("%s is %v (known: %v), want %v", id, got, ok, want)
	}
}

// wantChanges compares everything that changed since the last call.
func (r *rig) wantChanges(want ...Change) {
	r.Helper()
	if got := r.m.TakeChanges(); !slices.Equal(got, want) {
		r.Fatalf("changes are\n%v\nwant\n%v", got, want)
	}
}

// wantEvents compares the number of events that f raises.
func (r *rig) wantEvents(want uint64, f func()) {
	r.Helper()
	before := r.m.Handled()
	f()
	if got := r.m.Handled() - before; got != want {
		r.Fatalf("%d events were raised, want %d", got, want)
	}
}

// oneCheck takes the checks, of which there must be one.
func (r *rig) oneCheck() Check {
	r.Helper()
	checks := r.m.TakeChecks()
	if len(checks) != 1 {
		r.Fatalf("there are %d checks, want 1: %v", len(checks), checks)
	}
	return checks[0]
}

func (r *rig) wantNoChecks() {
	r.Helper()
	if checks := r.m.TakeChecks(); checks != nil {
		r.Fatalf("there are checks: %v", checks)
	}
}

func (r *rig) wantDeadlineIn(want time.Duration) {
	r.Helper()
	if at, ok := r.m.NextDeadline(); !ok || at-r.now != want {
		r.Fatalf("next deadline is in %v (there is one: %v), want in %v", at-r.now, ok, want)
	}
}

func (r *rig) wantNoDeadline() {
	r.Helper()
	if at, ok := r.m.NextDeadline(); ok {
		r.Fatalf("there is a deadline in %v", at-r.now)
	}
}

// checkInvariants is what must hold after every call, see [Machine] and [table].
func checkInvariants(t interface {
	Helper()
	Fatalf(string, ...any)
}, m *Machine, now time.Duration) {
	t.Helper()
	switch m.status {
	case up, down, out, suspect:
	default:
		t.Fatalf("the machine is in %v", m.status)
	}
	if _, ok := m.table.nodes[m.self]; !ok {
		t.Fatalf("the own entry is gone")
	}
	alive := make(types.ClusterDomainsQuorumMembersMap)
	for _, n := range m.table.nodes {
		if n.QuorumMember && (n.Status == up || n.Status == out || n.Status == suspect) {
			alive[n.Domain]++
		}
	}
	if !maps.Equal(alive, m.table.alive) {
		t.Fatalf("alive is kept as %v, and counts to %v", m.table.alive, alive)
	}
	timers := len(m.probation)
	if m.quorumTimer != nil {
		timers++
	}
	for peer, c := range m.checks {
		if c.timeout != nil {
			timers++
		}
		if m.checkPeers[c.id] != peer || len(c.waiting) == 0 {
			t.Fatalf("check %d of %s is broken", c.id, peer)
		}
		if _, known := m.table.nodes[peer]; !known || peer == m.self {
			t.Fatalf("check of %s, which is no known peer", peer)
		}
	}
	for peer := range m.probation {
		if _, known := m.table.nodes[peer]; !known || peer == m.self {
			t.Fatalf("probation of %s, which is no known peer", peer)
		}
	}
	if len(m.checks) != len(m.checkPeers) || timers != len(m.deadlines.heap) {
		t.Fatalf("%d checks with %d ids; %d deadlines for %d timers", len(m.checks), len(m.checkPeers), len(m.deadlines.heap), timers)
	}
	if !m.running && (timers > 0 || len(m.checks) > 0) {
		t.Fatalf("a machine that does not run has %d timers and %d checks", timers, len(m.checks))
	}
	if at, ok := m.NextDeadline(); ok {
		if latest := now + max(m.cfg.QuorumTimeout, m.cfg.Probation, m.cfg.CheckTimeout); at > latest {
			t.Fatalf("deadline at %v, later than %v", at, latest)
		}
	}
}
