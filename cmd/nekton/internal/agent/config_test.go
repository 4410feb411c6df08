package agent

import (
	"maps"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/types"
)

func TestMembersAreReadWithAndWithoutADomain(t *testing.T) {
	got, err := ParseMembers([]string{"a=127.0.0.1:7001", "b=[::1]:7002@west", "c=host:7003@"})
	want := map[types.NodeId]types.NodeUpdate{
		"a": {Addr: "127.0.0.1:7001", QuorumMember: true},
		"b": {Addr: "[::1]:7002", QuorumMember: true, ClusterDomain: "west"},
		"c": {Addr: "host:7003", QuorumMember: true},
	}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func TestEveryMemberThatIsNoneIsNamed(t *testing.T) {
	_, err := ParseMembers([]string{"a", "=127.0.0.1:1", "b=nowhere", "c=h:1", "c=h:2"})
	for _, want := range []string{`"a"`, `"=127.0.0.1:1"`, `"b=nowhere"`, `"c" is named twice`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}

func TestValuesMayContainEqualSigns(t *testing.T) {
	got, err := ParseValues([]string{"a=1", "b=x=y", "c="})
	if want := map[types.StoreKey]string{"a": "1", "b": "x=y", "c": ""}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if _, err := ParseValues([]string{"=1"}); err == nil {
		t.Error("a value without a key is taken")
	}
}

func TestTheQuorumRuleFollowsFromMembersUnlessItIsNamed(t *testing.T) {
	for _, test := range []struct {
		name    string
		members int
		want    types.QuorumProvider
	}{
		{"", 0, types.QUORUM_PROVIDER_NOOP}, {"", 3, types.QUORUM_PROVIDER_DEFAULT},
		{"default", 0, types.QUORUM_PROVIDER_DEFAULT}, {"domains", 3, types.QUORUM_PROVIDER_FAILURE_DOMAINS}, {"noop", 3, types.QUORUM_PROVIDER_NOOP},
	} {
		if got, err := ParseQuorum(test.name, test.members); err != nil || got != test.want {
			t.Errorf("%q with %d members is %v, %v, want %v", test.name, test.members, got, err, test.want)
		}
	}
}

func TestDomainsAreActiveUnlessTheyAreNamedInactive(t *testing.T) {
	cfg := Config{
		Domain: "east", Inactive: []string{"west"},
		Members: map[types.NodeId]types.NodeUpdate{"a": {ClusterDomain: "east"}, "b": {ClusterDomain: "west"}, "c": {ClusterDomain: "north"}},
	}
	want := types.ClusterDomainsActiveMap{
		"east": types.CLUSTER_DOMAIN_STATE_ACTIVE, "north": types.CLUSTER_DOMAIN_STATE_ACTIVE, "west": types.CLUSTER_DOMAIN_STATE_INACTIVE,
	}
	if got := cfg.activeMap(); !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestKeysAreReadFromLines(t *testing.T) {
	const a, b = "MDEyMzQ1Njc4OWFiY2RlZg==", "ZmVkY2JhOTg3NjU0MzIxMA=="
	k, err := ParseKeys(strings.NewReader("# of June\n" + a + "\n\n  " + b + "  \n"))
	if err != nil || len(k.Keys()) != 2 || string(k.Keys()[0]) != "0123456789abcdef" {
		t.Errorf("got %v, %v", k, err)
	}
	for _, bad := range []string{"", "# nothing", "not base64", a + "\nAAAA"} {
		if _, err := ParseKeys(strings.NewReader(bad)); err == nil || strings.Contains(err.Error(), "AAAA") {
			t.Errorf("%q: the error is %v", bad, err)
		}
	}
}
