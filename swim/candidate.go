package swim

import "time"

// maxCandidates bounds the names that await their own probe at the same time.
const maxCandidates = 1024

// audition pings a member that third parties call alive, and that we may have
// forgotten. The newest claim about it is listed if it answers.
func (c *Core) audition(now time.Duration, claim Claim) {
	if pr, ok := c.candidates[claim.Name]; ok {
		p := c.probes.at(pr)
		if claim.Stamp.Compare(p.alive.Stamp) > 0 {
			p.alive = claim.clone()
		}
		return
	}
	if len(c.candidates) >= maxCandidates {
		c.drop(DropCandidateFull)
		return
	}
	if c.candidates == nil {
		c.candidates = map[string]ref{}
	}
	c.candidates[claim.Name] = c.startPing(now, probe{
		kind: probeCandidate, member: noRef, name: claim.Name, addr: claim.Addr, alive: claim.clone(),
	})
}
