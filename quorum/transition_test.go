package quorum

import (
	"testing"

	"github.com/nekton-go/nekton/types"
)

const (
	up            = types.NODE_STATUS_UP
	down          = types.NODE_STATUS_DOWN
	out           = types.NODE_STATUS_NOT_IN_QUORUM
	suspect       = types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM
	suspDown      = types.NODE_STATUS_SUSPECT_DOWN
	neverGossiped = types.NODE_STATUS_NEVER_GOSSIPED
	invalid       = types.NODE_STATUS_INVALID
)

var events = []types.StateEvent{
	types.SELF_ALIVE, types.NODE_ALIVE, types.SELF_LEAVE, types.NODE_LEAVE,
	types.UPDATE_CLUSTER_SIZE, types.TIMEOUT, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP,
}

// Every cell, once for "in quorum" and once for "not", spelt out.
func TestEveryEventInEveryStatusLeadsWhereTheTableSays(t *testing.T) {
	for _, c := range []struct {
		status   types.NodeStatus
		event    types.StateEvent
		inQuorum types.NodeStatus
		not      types.NodeStatus
	}{
		{out, types.SELF_ALIVE, up, out},
		{out, types.NODE_ALIVE, up, out},
		{out, types.SELF_LEAVE, down, down},
		{out, types.NODE_LEAVE, out, out},
		{out, types.UPDATE_CLUSTER_SIZE, up, out},
		{out, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP, up, out},
		{out, types.TIMEOUT, out, out},

		{up, types.SELF_ALIVE, up, up},
		{up, types.NODE_ALIVE, up, up},
		{up, types.SELF_LEAVE, down, down},
		{up, types.NODE_LEAVE, up, suspect},
		{up, types.UPDATE_CLUSTER_SIZE, up, suspect},
		{up, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP, up, suspect},
		{up, types.TIMEOUT, up, up},

		{suspect, types.SELF_ALIVE, suspect, suspect},
		{suspect, types.NODE_ALIVE, up, suspect},
		{suspect, types.SELF_LEAVE, down, down},
		{suspect, types.NODE_LEAVE, suspect, suspect},
		{suspect, types.UPDATE_CLUSTER_SIZE, up, suspect},
		{suspect, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP, up, suspect},
		{suspect, types.TIMEOUT, up, out},

		{down, types.SELF_ALIVE, down, down},
		{down, types.NODE_ALIVE, down, down},
		{down, types.SELF_LEAVE, down, down},
		{down, types.NODE_LEAVE, down, down},
		{down, types.UPDATE_CLUSTER_SIZE, down, down},
		{down, types.UPDATE_CLUSTER_DOMAINS_ACTIVE_MAP, down, down},
		{down, types.TIMEOUT, down, down},
	} {
		if got := Next(c.status, c.event, true); got != c.inQuorum {
			t.Errorf("%v, %v, in quorum: got %v, want %v", c.status, c.event, got, c.inQuorum)
		}
		if got := Next(c.status, c.event, false); got != c.not {
			t.Errorf("%v, %v, not in quorum: got %v, want %v", c.status, c.event, got, c.not)
		}
	}
}

func TestNoCellOfTheTableIsBlank(t *testing.T) {
	for _, s := range []types.NodeStatus{out, up, suspect, down} {
		for _, e := range events {
			for _, q := range []bool{true, false} {
				switch got := Next(s, e, q); got {
				case out, up, suspect, down:
				default:
					t.Errorf("%v, %v, %v leads to %v, which is no own status", s, e, q, got)
				}
			}
		}
	}
}

func TestAnEventOrStatusThatDoesNotExistChangesNothing(t *testing.T) {
	for _, s := range []types.NodeStatus{invalid, neverGossiped, suspDown, 99} {
		for _, e := range events {
			if got := Next(s, e, true); got != s {
				t.Errorf("%v, %v: got %v", s, e, got)
			}
		}
	}
	for _, e := range []types.StateEvent{7, 255} {
		if got := Next(up, e, false); got != up {
			t.Errorf("%v: got %v, want UP", e, got)
		}
	}
}
