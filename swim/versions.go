package swim

import (
	"fmt"
	"net/netip"
)

// On memberlist's wire each member tells which versions of the protocol it
// understands. What one member may send another goes by the greatest that the other
// understands, not by the one that it speaks.

// The version from which on a member understands something.
const (
	versionStreamPing = 3 // a direct probe on a stream
	versionNack       = 4 // the nack of a relay
	versionChecksum   = 5 // a checksum around a packet
)

// understands reports whether a member knows what came with a version. On a wire that
// does not tell, all do.
func (m member) understands(version byte) bool {
	v := m.versions()
	return v == (Versions{}) || v[VersionMax] >= version
}

// takesChecksum reports whether a packet to an address may have a checksum. It needs
// the word of the member that lives there.
func (c *Core) takesChecksum(to netip.AddrPort) bool {
	if !c.carries.Versions {
		return false
	}
	r, ok := c.resident(to)
	return ok && c.at(r).versions()[VersionMax] >= versionChecksum
}

// fits reports whether two members can talk: each speaks what the other understands,
// in the protocol and in the application.
func (v Versions) fits(o Versions) bool {
	within := func(v, ranges Versions, cur, low, high int) bool {
		return ranges[low] <= v[cur] && v[cur] <= ranges[high]
	}
	for _, pair := range [2][2]Versions{{v, o}, {o, v}} {
		speaker, listener := pair[0], pair[1]
		if !within(speaker, speaker, VersionCur, VersionMin, VersionMax) ||
			!within(speaker, listener, VersionCur, VersionMin, VersionMax) ||
			!within(speaker, speaker, VersionAppCur, VersionAppMin, VersionAppMax) ||
			!within(speaker, listener, VersionAppCur, VersionAppMin, VersionAppMax) {
			return false
		}
	}
	return v[VersionMin] > 0 && o[VersionMin] > 0
}

// String shows the ranges: protocol, then application.
func (v Versions) String() string {
	return fmt.Sprintf("%d (%d-%d) / %d (%d-%d)",
		v[VersionCur], v[VersionMin], v[VersionMax], v[VersionAppCur], v[VersionAppMin], v[VersionAppMax])
}

// admits reports whether an alive claim is one of a member that we can have: one
// that understands us, and whom the owner admits. Both are judged before anything is
// believed, so that one odd member never travels further: with memberlist, a single
// entry of an impossible version makes push-pulls fail between all others.
func (c *Core) admits(name string, claim Claim) bool {
	if c.carries.Versions && !claim.Versions.fits(c.self().versions()) {
		c.drop(DropProtocol)
		return false
	}
	if refusal := c.vet(name, claim.Meta); refusal != nil {
		c.drop(refusal.Reason.drop())
		return false
	}
	return true
}

// vet asks the owner about a member, unless that is known with the same meta.
func (c *Core) vet(name string, meta []byte) *Refusal {
	if c.cfg.Vet == nil {
		return nil
	}
	if r, ok := c.find(name); ok && (r == selfRef || c.at(r).hasMeta(meta)) {
		return nil
	}
	return c.cfg.Vet(name, meta)
}

// drop is the reason by which a refused claim is counted.
func (r RefusalReason) drop() Drop {
	if r == RefusedVersion {
		return DropVersion
	}
	return DropCluster
}
