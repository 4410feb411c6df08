package demo

import (
	"context"
	"fmt"
	"maps"

	"github.com/nekton-go/nekton/types"
)

// The keys that the nodes of the demo publish.
const (
	keyRole  types.StoreKey = "role"
	keyDisks types.StoreKey = "disks"
	// LoadKey is the one that is changed, and has a column in the table.
	LoadKey types.StoreKey = "load"
)

func playPublish(ctx context.Context, s *story) (string, error) {
	first := predictSpread(s.cfg.Intervals, s.cfg.Nodes, s.cfg.Nodes)
	start := s.now()
	for _, m := range s.cluster.members {
		if err := s.publish(m, firstValues(m.domain)); err != nil {
			return "", err
		}
	}
	at, err := s.await(ctx, "the values of every node, at every node", first.High, s.published())
	if err != nil {
		return "", err
	}
	s.measure(fmt.Sprintf("%d × 3 values everywhere", s.cfg.Nodes), at-start, first)

	predicted := predictSpread(s.cfg.Intervals, s.cfg.Nodes, 1)
	writer := s.cluster.member(s.cast.writer)
	start = s.now()
	if err := s.publish(writer, types.StoreMap{LoadKey: int64(42)}); err != nil {
		return "", err
	}
	at, err = s.await(ctx, fmt.Sprintf("load=42 of %s, at every node", writer.id), predicted.High, s.published())
	if err != nil {
		return "", err
	}
	took := at - start
	s.measure("one update everywhere", took, predicted)

	start = s.now()
	s.unpublish(writer, keyRole)
	at, err = s.await(ctx, fmt.Sprintf("no role of %s any more, at every node", writer.id), predicted.High, s.published())
	if err != nil {
		return "", err
	}
	s.measure("one deletion everywhere", at-start, predicted)
	return fmt.Sprintf("%d nodes read each other's values; an update took %s", s.cfg.Nodes, Seconds(took)), nil
}

// firstValues are what a node publishes at first: three Go types, which arrive
// as they were sent.
func firstValues(domain string) types.StoreMap {
	role := "storage"
	if domain == domainWitness {
		role = "witness"
	}
	return types.StoreMap{keyRole: role, keyDisks: []string{"sda", "sdb"}, LoadKey: int64(7)}
}

// publish sets values of a node, and notes what the others should read.
func (s *story) publish(m *member, values types.StoreMap) error {
	want := maps.Clone(s.values[m.id])
	if want == nil {
		want = types.StoreMap{}
	}
	maps.Copy(want, values)
	s.values[m.id] = want
	return s.cluster.publish(m, values)
}

// unpublish deletes a value of a node.
func (s *story) unpublish(m *member, key types.StoreKey) {
	want := maps.Clone(s.values[m.id])
	delete(want, key)
	s.values[m.id] = want
	s.cluster.unpublish(m, key)
}

// published: every node reads what every node has published.
func (s *story) published() condition {
	var each []condition
	for _, m := range s.cluster.members {
		each = append(each, reads(m.id, s.values[m.id]))
	}
	return all(each...)
}
