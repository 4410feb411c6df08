package demo

import (
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// changes tells what happened between two pictures, as a storyteller would: how
// each node's own status changed, and what it found out about others. Healthy
// beginnings (a peer that comes up) are told together.
func changes(before, after *Snapshot) []string {
	if before == nil {
		return nil
	}
	var out []string
	for i := range after.Nodes {
		b, a := &before.Nodes[i], &after.Nodes[i]
		if b.Phase != PhaseRunning || a.Phase != PhaseRunning {
			continue
		}
		out = append(out, peerChanges(after, b, a)...)
		if a.Own != b.Own {
			out = append(out, fmt.Sprintf("%s is %s (was %s)", a.ID, Short(a.Own), Short(b.Own)))
		}
		if a.Health > b.Health {
			out = append(out, fmt.Sprintf("%s trusts itself less: local health score %d", a.ID, a.Health))
		}
	}
	return out
}

func peerChanges(after *Snapshot, b, a *NodeView) []string {
	var out []string
	var up []types.NodeId
	for i := range a.Peers {
		was, is, id := b.Peers[i], a.Peers[i], after.Nodes[i].ID
		if id == a.ID {
			continue
		}
		if is.Held != was.Held {
			switch is.Held {
			case HeldSuspect:
				out = append(out, fmt.Sprintf("%s suspects %s", a.ID, id))
			case HeldDead:
				out = append(out, fmt.Sprintf("%s declares %s dead", a.ID, id))
			case HeldLeft:
				out = append(out, fmt.Sprintf("%s knows that %s left", a.ID, id))
			case HeldAlive:
				if was.Held == HeldSuspect {
					out = append(out, fmt.Sprintf("%s suspects %s no longer", a.ID, id))
				}
			}
		}
		if is.Status != was.Status {
			if is.Status == types.NODE_STATUS_UP {
				up = append(up, id)
			} else if is.Status != types.NODE_STATUS_INVALID && was.Status == types.NODE_STATUS_UP {
				out = append(out, fmt.Sprintf("%s sees %s %s", a.ID, id, Short(is.Status)))
			}
		}
	}
	if len(up) > 0 {
		out = append(out, fmt.Sprintf("%s sees %s UP", a.ID, list(up)))
	}
	return out
}
