package node

import (
	"time"

	"github.com/nekton-go/nekton/swim"
)

// BesideMemberlist fills in the defaults that differ on memberlist's wire, so that a
// suspicion lasts as long here as at the members of other programs, a name is free
// again when it is free there, and tables are not sent more often than they are there.
// What p says already stays.
func BesideMemberlist(p swim.Config, suspicionMult int) swim.Config {
	if p.SuspicionConfirmations == 0 {
		p.SuspicionConfirmations = max(suspicionMult-2, 0)
		if p.SuspicionConfirmations == 0 {
			p.SuspicionConfirmations = swim.Off
		}
		p.Rules.AllOrNothingK = true
	}
	if p.TombstoneTTL == 0 {
		p.TombstoneTTL = 30 * time.Second
		if p.GossipToTheDead > 0 {
			p.TombstoneTTL = p.GossipToTheDead
		}
	}
	p.Rules.ScalePushPull = true
	return p
}
