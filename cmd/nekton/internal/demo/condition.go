package demo

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/nekton-go/nekton/types"
)

// A condition says of a snapshot whether it is as it should be, and what there
// is to see that is not. seen is empty if and only if the condition holds.
type condition func(*Snapshot) (seen string)

// all holds if every one holds; what is seen is what the first one sees that
// does not.
func all(conditions ...condition) condition {
	return func(s *Snapshot) string {
		for _, c := range conditions {
			if seen := c(s); seen != "" {
				return seen
			}
		}
		return ""
	}
}

// sees: every node of observers that runs holds every one of subjects in one of
// the statuses. No observers means all that run.
func sees(observers, subjects []types.NodeId, statuses ...types.NodeStatus) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, o := range s.running() {
			if !among(observers, s.Nodes[o].ID) {
				continue
			}
			for i := range s.Nodes {
				if i == o || !among(subjects, s.Nodes[i].ID) {
					continue
				}
				if got := s.Nodes[o].Peers[i].Status; !slices.Contains(statuses, got) {
					seen = append(seen, fmt.Sprintf("%s sees %s %s", s.Nodes[o].ID, s.Nodes[i].ID, Short(got)))
				}
			}
		}
		return enumerate(seen)
	}
}

// holds: the failure detector of every node that runs holds subject in one of the
// states.
func holds(subject types.NodeId, states ...Held) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, o := range s.running() {
			_, i, ok := s.Node(subject)
			if !ok || o == i {
				continue
			}
			if got := s.Nodes[o].Peers[i].Held; !slices.Contains(states, got) {
				seen = append(seen, fmt.Sprintf("%s holds %s %v", s.Nodes[o].ID, subject, got))
			}
		}
		return enumerate(seen)
	}
}

// own: every one of nodes that runs has one of the own statuses. No nodes means
// all that run.
func own(nodes []types.NodeId, statuses ...types.NodeStatus) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, i := range s.running() {
			if n := &s.Nodes[i]; among(nodes, n.ID) && !slices.Contains(statuses, n.Own) {
				seen = append(seen, fmt.Sprintf("%s is %s", n.ID, Short(n.Own)))
			}
		}
		return enumerate(seen)
	}
}

// reads: every node that runs reads exactly these values of subject.
func reads(subject types.NodeId, want types.StoreMap) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, o := range s.running() {
			_, i, ok := s.Node(subject)
			if !ok {
				continue
			}
			if got := s.Nodes[o].Peers[i].Values; !sameValues(got, want) {
				seen = append(seen, fmt.Sprintf("%s reads %s of %s", s.Nodes[o].ID, describe(got), subject))
			}
		}
		return enumerate(seen)
	}
}

// generation: every node that runs knows subject by this generation.
func generation(subject types.NodeId, want uint64) condition {
	return func(s *Snapshot) string {
		var seen []string
		for _, o := range s.running() {
			_, i, ok := s.Node(subject)
			if !ok || o == i {
				continue
			}
			if got := s.Nodes[o].Peers[i].Generation; got != want {
				seen = append(seen, fmt.Sprintf("%s knows %s by generation %d", s.Nodes[o].ID, subject, got))
			}
		}
		return enumerate(seen)
	}
}

// isRunning: these nodes run, all of them.
func isRunning(nodes []types.NodeId) condition {
	return func(s *Snapshot) string {
		var seen []string
		for i := range s.Nodes {
			if n := &s.Nodes[i]; among(nodes, n.ID) && n.Phase != PhaseRunning {
				seen = append(seen, fmt.Sprintf("%s is %v", n.ID, n.Phase))
			}
		}
		return enumerate(seen)
	}
}

// among reports whether id is in ids; every id is in the empty list.
func among(ids []types.NodeId, id types.NodeId) bool {
	return len(ids) == 0 || slices.Contains(ids, id)
}

func sameValues(a, b types.StoreMap) bool {
	return len(a) == len(b) && (len(a) == 0 || reflect.DeepEqual(a, b))
}
