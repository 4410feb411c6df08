package sim

import (
	"fmt"
	"strings"
	"time"
)

// A Law is a promise of the protocol that holds in every run, whatever goes wrong.
type Law struct {
	// Name is one or two words.
	Name string
	// Sentence says what holds. It can be false.
	Sentence string
	// Calm marks what is looked at when all is calm again (see [Checker.Calm]): what
	// is true eventually. The others hold all the time.
	Calm bool
}

// law numbers the laws in the order in which [Laws] lists them.
type law uint8

const (
	lawResurrection law = iota
	lawForgotten
	lawStamps
	lawOwnStamp
	lawSecret
	lawDetection
	lawFalseDeath
	lawProbing
	lawQuorum
	lawVerdict
	lawMajority
	lawStatus
	lawStore
	lawStoreOwner
	lawQueues
	lawPackets
	lawTraffic
	lawTables
	lawDeparture
	lawCompleteness
	lawGone
	lawConvergence
	lawRegained
	lawRest
	numLaws
)

// Laws are all laws, in a fixed order.
func Laws() []Law {
	return []Law{
		lawResurrection: {Name: "no resurrection", Sentence: "A member that a node holds dead or left at a stamp is not alive there at this or a lower stamp, nor at or below that of any accusation that it has heard since, " +
			"for as long as the tombstone lasts (TombstoneTTL, 24 h by default, and at most MaxTombstones of them). " +
			"A verdict formed while cut off, and told nobody, is no death: it may be withdrawn."},
		lawForgotten: {Name: "first-hand return", Sentence: "A name whose tombstone was forgotten is not listed again at or below its stamp, " +
			"unless a process of that name runs, or ran until as long ago as an answer may take to arrive: third parties alone cannot bring it back."},
		lawStamps:   {Name: "stamps grow", Sentence: "The stamp (generation, boot, incarnation) at which a node holds a member never decreases, until it forgets the member."},
		lawOwnStamp: {Name: "own incarnation", Sentence: "Nobody holds a member at a higher stamp than it ever had of itself: only the member raises its incarnation."},
		lawSecret:   {Name: "kept secret", Sentence: "No packet carries a node's own verdict about a member that it formed while cut off."},
		lawDetection: {Name: "detection", Sentence: "A process that has ended, or that every way to is cut, is listed by no running node later than DetectionBound " +
			"after it was lost, after the node was last hindered or cut off from everybody, and after its last news of the member."},
		lawFalseDeath: {Name: "no false death", Sentence: "Once the network has been without faults for DetectionBound, no node that runs unhindered for as long is declared failed by another such."},
		lawProbing:    {Name: "bounded probing", Sentence: "A node that runs unhindered pings every member that it lists at least every ProbeGap."},
		lawQuorum: {Name: "one quorum", Sentence: "Nodes of two sides of a complete partition are not both UP later than QuorumBound after the last way between the sides was cut, " +
			"the side's last news of the other arrived, and the nodes were last hindered or cut off from everybody; given the same UpdateCluster and active map everywhere, and a rule other than NOOP."},
		lawVerdict:    {Name: "verdict", Sentence: "A node that has lost its quorum is not suspected of it for longer than QuorumTimeout: then it is UP or NOT_IN_QUORUM."},
		lawMajority:   {Name: "majority", Sentence: "A node is UP only while a majority of the quorum members that count by its rule are alive by its own list of statuses."},
		lawStatus:     {Name: "status", Sentence: "A known peer is UP exactly while the node's failure detector lists it; by FAILURE_DOMAINS a lost one may stay UP until its siblings were asked."},
		lawStore:      {Name: "store forward", Sentence: "The life and version at which a node holds another's StoreMap never go back, until it forgets the member."},
		lawStoreOwner: {Name: "store truth", Sentence: "Nobody holds a StoreMap in a life or version that its owner never had, nor in a life above that in which its failure detector holds the owner."},
		lawQueues: {Name: "bounded memory", Sentence: "Queued news is at most two pieces per member, tombstones at most MaxTombstones, open exchanges at most the streams that the process has, " +
			"open probes at most OpenProbesBound."},
		lawPackets:      {Name: "packet size", Sentence: "No packet is larger than PacketBudget."},
		lawTraffic:      {Name: "bounded traffic", Sentence: "In any ten protocol periods a node sends no more packets than TrafficBound."},
		lawTables:       {Name: "tables agree", Sentence: "What a node keeps twice agrees: tables, indexes, queues, deadlines and fingerprints (swim.Core.CheckInvariants)."},
		lawDeparture:    {Name: "departure", Sentence: "In a network without faults, among peers that all run unhindered, a departure is acknowledged within three ProbeTimeout of when the node lists only such as are there, and at least one."},
		lawCompleteness: {Name: "completeness", Calm: true, Sentence: "Every node that is up is eventually listed alive by every node that is up."},
		lawGone:         {Name: "gone", Calm: true, Sentence: "A node that is not up is eventually listed by nobody."},
		lawConvergence:  {Name: "convergence", Calm: true, Sentence: "Every node's StoreMap eventually has the same keys and values everywhere: those of its owner's latest version."},
		lawRegained:     {Name: "quorum regained", Calm: true, Sentence: "A node that lists a majority of the quorum members, all being calm, is UP."},
		lawRest:         {Name: "rest", Calm: true, Sentence: "Eventually all list the same members at the same stamps, unless the settings leave nobody to notice (no push-pulls, and no pings that carry fingerprints). Then the cluster is silent but for its probes: nobody is suspected, nothing is queued, and a node that is not alone sends one ping per period (a quarter of them twice at most), comparisons and acks."},
	}
}

// A Violation is a law that did not hold.
type Violation struct {
	// Law is its name.
	Law string
	// At is the virtual time, Node whose state or doing broke the law.
	At   time.Duration
	Node string
	// Facts are what was seen.
	Facts string
}

// Error is all of it in one line.
func (v *Violation) Error() string {
	return fmt.Sprintf("law %q broken at %v by %s: %s", v.Law, v.At, v.Node, v.Facts)
}

// Checks is how often each law was looked at: a law that was never looked at has not
// been tested. By name.
func (k *Checker) Checks() map[string]uint64 {
	counts := make(map[string]uint64, numLaws)
	for i, l := range Laws() {
		counts[l.Name] = k.counts[i]
	}
	return counts
}

// Violations are the laws that were broken: the first time of each, in order. What
// follows on a broken law means little, so the first one counts most.
func (k *Checker) Violations() []Violation { return k.violations }

// Err is the first violation, a *Violation, or nil.
func (k *Checker) Err() error {
	if len(k.violations) == 0 {
		return nil
	}
	return &k.violations[0]
}

// holds counts a look at a law, and reports whether it held.
func (k *Checker) holds(l law, ok bool) bool {
	k.counts[l]++
	return ok
}

// broken notes a violation.
func (k *Checker) broken(l law, n *Node, format string, args ...any) {
	if k.seen[l] {
		return
	}
	k.seen[l] = true
	name := "the cluster"
	if n != nil {
		name = string(n.Name)
	}
	k.violations = append(k.violations, Violation{
		Law: Laws()[l].Name, At: k.cluster.Now(), Node: name, Facts: strings.TrimSpace(fmt.Sprintf(format, args...)),
	})
}
