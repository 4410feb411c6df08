package quorum

import (
	"errors"
	"maps"
	"time"

	"github.com/nekton-go/nekton/types"
)

// DefaultProbation is how long a SUSPECT_DOWN peer waits for its verdict.
const DefaultProbation = time.Minute

// StartConfig is what holds from one Start to the next.
type StartConfig struct {
	// Provider is the rule of quorum. The zero value is DEFAULT; an unknown
	// number means FAILURE_DOMAINS.
	Provider types.QuorumProvider
	// ActiveMap says which failure domains are active. It is copied. Nil: none.
	ActiveMap types.ClusterDomainsActiveMap
	// Domains gives the failure domains of the configured seeds. They are asked
	// as siblings, and are not thereby known: they have no status, and no vote.
	// What UpdateCluster and AddNode say about a node takes precedence, and
	// UpdateCluster ends it for all. It is copied.
	Domains map[types.NodeId]string
	// QuorumTimeout is how long the node stays SUSPECT_NOT_IN_QUORUM. Zero: it
	// passes through that status within one call.
	QuorumTimeout time.Duration
	// Probation is how long a peer stays SUSPECT_DOWN, and again while this node
	// is not UP. Zero: DefaultProbation.
	Probation time.Duration
	// CheckTimeout is when siblings that did not answer count as silent, whether
	// or not the owner said so. Zero: the owner answers for each of them.
	CheckTimeout time.Duration
}

// validate reports all fields that are out of range.
func (c StartConfig) validate() error {
	var errs []error
	for _, f := range []struct {
		name  string
		value time.Duration
	}{
		{"QuorumTimeout", c.QuorumTimeout},
		{"Probation", c.Probation},
		{"CheckTimeout", c.CheckTimeout},
	} {
		if f.value < 0 {
			errs = append(errs, &NegativeError{Field: f.name, Value: f.value})
		}
	}
	return errors.Join(errs...)
}

// withDefaults returns a copy of c that shares no map with it.
func (c StartConfig) withDefaults() StartConfig {
	c.ActiveMap = maps.Clone(c.ActiveMap)
	c.Domains = maps.Clone(c.Domains)
	if c.Probation == 0 {
		c.Probation = DefaultProbation
	}
	return c
}
