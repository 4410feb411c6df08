package swim

// A Drop says why something from the network was not used. Rubbish is counted by
// reason and never logged per packet.
type Drop uint8

const (
	// DropNone: not dropped.
	DropNone Drop = iota
	// DropMalformed: not a packet of any version we know.
	DropMalformed
	// DropVersion: a packet of another gossip version.
	DropVersion
	// DropCluster: a packet of another cluster.
	DropCluster
	// DropTooLarge: longer than a packet of the wire can be.
	DropTooLarge
	// DropUnknownKind: a message that this version does not know.
	DropUnknownKind
	// DropWrongTarget: a ping for another name, sent to our address.
	DropWrongTarget
	// DropUnknownMember: a claim or rumour about somebody we have not met.
	DropUnknownMember
	// DropStaleAck: an ack or nack that nobody waits for.
	DropStaleAck
	// DropRelayRefused: an indirect probe of somebody who is no member at that
	// address, or one too many. Refusing keeps us from being used to scan.
	DropRelayRefused
	// DropBootAhead: a boot more than MaxClockLead ahead of our clock.
	DropBootAhead
	// DropTableFull: a new member beyond MaxMembers.
	DropTableFull
	// DropConflict: another address for a member of the same life.
	DropConflict
	// DropBadRumour: riding state that could not be read or merged.
	DropBadRumour
	// DropRumourGap: riding state whose base we have not reached, or of a life that we
	// have not met. The fingerprints repair it.
	DropRumourGap
	// DropCandidateFull: too many forgotten names await their own probe.
	DropCandidateFull
	// DropBadAddr: an address that no packet can be sent to.
	DropBadAddr
	// DropProtocol: a member, or a whole table, whose [Versions] have none in common
	// with ours, or make no sense.
	DropProtocol
	// DropLeaving: we are leaving and take nothing in any more.
	DropLeaving
	// DropLabel: another label around it than ours, or none where there should be one.
	DropLabel
	// DropUnauthenticated: in clear, where it had to be encrypted.
	DropUnauthenticated
	// DropKey: encrypted with none of our keys, or damaged, or we have no keys.
	DropKey
	// DropChecksum: damaged on the way.
	DropChecksum
	// DropCompression: what was compressed cannot be expanded, or not within limits.
	DropCompression

	numDrops
)

// CountDrop counts something from the network that was dropped before the core saw it:
// by what is around messages on their way.
func (c *Core) CountDrop(d Drop) {
	if d < numDrops {
		c.drop(d)
	}
}

// NumDrops is the number of reasons, DropNone included.
const NumDrops = int(numDrops)

// String returns a short name of the reason, as used in metrics.
func (d Drop) String() string {
	names := [numDrops]string{
		"none", "malformed", "version_mismatch", "cluster_mismatch", "too_large", "unknown_kind",
		"wrong_target", "unknown_member", "stale_ack", "relay_refused", "boot_ahead", "table_full",
		"conflict", "bad_rumour", "rumour_gap", "candidates_full", "bad_address", "protocol_mismatch", "leaving",
		"label_mismatch", "unauthenticated", "key_mismatch", "bad_checksum", "bad_compression",
	}
	if d < numDrops {
		return names[d]
	}
	return "unknown"
}
