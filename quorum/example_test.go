package quorum_test

import (
	"fmt"
	"time"

	"github.com/nekton-go/nekton/quorum"
	"github.com/nekton-go/nekton/types"
)

// One node of three, from its start to the loss of its quorum.
func Example() {
	m := quorum.New("a", "")
	if err := m.Start(quorum.StartConfig{QuorumTimeout: time.Minute}); err != nil {
		fmt.Println(err)
		return
	}
	show := func(now time.Duration) {
		for _, c := range m.TakeChanges() {
			fmt.Printf("%3.0fs  %s: %v -> %v\n", now.Seconds(), c.ID, c.From, c.To)
		}
	}

	m.UpdateCluster(0, map[types.NodeId]types.NodeUpdate{
		"a": {QuorumMember: true}, "b": {QuorumMember: true}, "c": {QuorumMember: true},
	})
	m.HandleEvent(0, types.SELF_ALIVE)
	m.HandlePeerAlive(1*time.Second, "b")
	show(1 * time.Second)
	m.HandlePeerLeft(9*time.Second, "b")
	show(9 * time.Second)

	at, _ := m.NextDeadline()
	m.HandleTimeout(at)
	show(at)
	// Output:
	//   1s  b: NODE_STATUS_DOWN -> NODE_STATUS_UP
	//   1s  a: NODE_STATUS_NOT_IN_QUORUM -> NODE_STATUS_UP
	//   9s  b: NODE_STATUS_UP -> NODE_STATUS_DOWN
	//   9s  a: NODE_STATUS_UP -> NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	//  69s  a: NODE_STATUS_SUSPECT_NOT_IN_QUORUM -> NODE_STATUS_NOT_IN_QUORUM
}

// A peer of another failure domain is lost, and so is, as it turns out, its
// sibling: the domain may be cut off.
func ExampleMachine_HandleSiblingAnswer() {
	m := quorum.New("a", "east")
	if err := m.Start(quorum.StartConfig{
		Provider:      types.QUORUM_PROVIDER_FAILURE_DOMAINS,
		ActiveMap:     types.ClusterDomainsActiveMap{"east": "Active", "west": "Active"},
		QuorumTimeout: time.Minute,
	}); err != nil {
		fmt.Println(err)
		return
	}
	m.UpdateCluster(0, map[types.NodeId]types.NodeUpdate{
		"a": {QuorumMember: true, ClusterDomain: "east"}, "b": {QuorumMember: true, ClusterDomain: "east"},
		"c": {QuorumMember: true, ClusterDomain: "west"}, "d": {ClusterDomain: "west"},
	})
	for _, id := range []types.NodeId{"b", "c", "d"} {
		m.HandlePeerAlive(0, id)
	}

	m.HandlePeerLeft(5*time.Second, "c")
	for _, check := range m.TakeChecks() {
		fmt.Println("lost", check.Peer, "- ask", check.Siblings)
		for _, sibling := range check.Siblings {
			m.HandleSiblingAnswer(6*time.Second, check.ID, sibling, false)
		}
	}
	status, _ := m.Status("c")
	fmt.Println(status, "and the own status is", m.SelfStatus())

	m.HandleTimeout(6*time.Second + quorum.DefaultProbation)
	status, _ = m.Status("c")
	fmt.Println("after probation", status)
	// Output:
	// lost c - ask [d]
	// NODE_STATUS_SUSPECT_DOWN and the own status is NODE_STATUS_UP
	// after probation NODE_STATUS_DOWN
}

// The table can be read without a machine.
func ExampleNext() {
	const suspect = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	fmt.Println(quorum.Next(suspect, types.NODE_ALIVE, true))
	fmt.Println(quorum.Next(suspect, types.SELF_ALIVE, true))
	fmt.Println(quorum.Next(suspect, types.TIMEOUT, false))
	// Output:
	// NODE_STATUS_UP
	// NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	// NODE_STATUS_NOT_IN_QUORUM
}

// Three of five are alive, in two domains. Which of them count is the rule's
// business.
func ExampleProvider() {
	view := quorum.View{
		OwnDomain: "east",
		Members:   types.ClusterDomainsQuorumMembersMap{"east": 2, "west": 3},
		Alive:     types.ClusterDomainsQuorumMembersMap{"east": 1, "west": 2},
		Active:    types.ClusterDomainsActiveMap{"east": "Active", "west": "Inactive"},
	}
	for _, kind := range []types.QuorumProvider{
		types.QUORUM_PROVIDER_DEFAULT, types.QUORUM_PROVIDER_FAILURE_DOMAINS, types.QUORUM_PROVIDER_NOOP,
	} {
		p := quorum.ProviderFor(kind)
		fmt.Printf("%-31v %+v %v\n", kind, p.Tally(view), p.InQuorum(view))
	}
	// Output:
	// QUORUM_PROVIDER_DEFAULT         {Members:5 Alive:3 Needed:3} true
	// QUORUM_PROVIDER_FAILURE_DOMAINS {Members:2 Alive:1 Needed:2} false
	// QUORUM_PROVIDER_NOOP            {Members:5 Alive:3 Needed:0} true
}
