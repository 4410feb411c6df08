package types

import (
	"strings"
	"testing"
	"time"
)

func TestConstantsKeepTheNumbersThatUsersKnow(t *testing.T) {
	statuses := []NodeStatus{
		NODE_STATUS_INVALID, NODE_STATUS_UP, NODE_STATUS_DOWN, NODE_STATUS_NEVER_GOSSIPED,
		NODE_STATUS_NOT_IN_QUORUM, NODE_STATUS_SUSPECT_NOT_IN_QUORUM, NODE_STATUS_SUSPECT_DOWN,
	}
	names := []string{"INVALID", "UP", "DOWN", "NEVER_GOSSIPED", "NOT_IN_QUORUM", "SUSPECT_NOT_IN_QUORUM", "SUSPECT_DOWN"}
	for i, s := range statuses {
		if int(s) != i || s.String() != "NODE_STATUS_"+names[i] {
			t.Errorf("status %d is number %d and prints as %q", i, s, s)
		}
	}
	events := []StateEvent{
		SELF_ALIVE, NODE_ALIVE, SELF_LEAVE, NODE_LEAVE, UPDATE_CLUSTER_SIZE, TIMEOUT, UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP,
	}
	names = []string{"SELF_ALIVE", "NODE_ALIVE", "SELF_LEAVE", "NODE_LEAVE", "UPDATE_CLUSTER_SIZE", "TIMEOUT", "UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP"}
	for i, e := range events {
		if int(e) != i || e.String() != names[i] {
			t.Errorf("event %d is number %d and prints as %q", i, e, e)
		}
	}
	providers := []QuorumProvider{QUORUM_PROVIDER_DEFAULT, QUORUM_PROVIDER_FAILURE_DOMAINS, QUORUM_PROVIDER_NOOP}
	names = []string{"DEFAULT", "FAILURE_DOMAINS", "NOOP"}
	for i, p := range providers {
		if int(p) != i || p.String() != "QUORUM_PROVIDER_"+names[i] {
			t.Errorf("provider %d is number %d and prints as %q", i, p, p)
		}
	}
	for _, s := range []string{NodeStatus(99).String(), StateEvent(99).String(), QuorumProvider(99).String()} {
		if !strings.Contains(s, "(99)") {
			t.Errorf("an unknown value prints as %q, without its number", s)
		}
	}
}

func TestDefaultsAreThoseOfTheOriginal(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want time.Duration
	}{
		{"gossip", DEFAULT_GOSSIP_INTERVAL, 2 * time.Second},
		{"push-pull", DEFAULT_PUSH_PULL_INTERVAL, 2 * time.Second},
		{"probe", DEFAULT_PROBE_INTERVAL, 5 * time.Second},
		{"probe timeout", DEFAULT_PROBE_TIMEOUT, 200 * time.Millisecond},
		{"quorum timeout", DEFAULT_QUORUM_TIMEOUT, time.Minute},
	} {
		if c.got != c.want {
			t.Errorf("%s: got %v, want %v", c.name, c.got, c.want)
		}
	}
	if DEFAULT_SUSPICION_MULTIPLIER != 5 || DEFAULT_GOSSIP_VERSION != "v1" || GOSSIP_VERSION_2 != "v2" {
		t.Error("suspicion multiplier or versions differ from 5, v1, v2")
	}
	if CLUSTER_DOMAIN_STATE_ACTIVE != "Active" || CLUSTER_DOMAIN_STATE_INACTIVE != "Inactive" {
		t.Error("domain states differ from Active, Inactive")
	}
}

func TestNodeInfoShowsIdTimeStatusAndValue(t *testing.T) {
	n := NodeInfo{Id: "n1", Status: NODE_STATUS_UP, LastUpdateTs: time.Unix(0, 0).UTC(), Value: StoreMap{"k": 7}}
	want := "\nId: n1\nLastUpdateTs: 1970-01-01 00:00:00 +0000 UTC\nStatus: NODE_STATUS_UP\nValue: map[k:7]"
	if got := n.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
