package explore

import "fmt"

// An Invariant is something that must hold in every state that can be reached.
type Invariant struct {
	Name     string
	Sentence string
}

// Invariants are all that are checked: up to replaced-is-silent whenever a core is
// called, the next three in every state of the cluster, and the last two where
// [Config.CalmEvery] says.
func Invariants() []Invariant {
	return []Invariant{
		{"no-panic", "No call of a core panics."},
		{"tables", "Everything that package swim states about its tables holds."},
		{"stamps-grow", "The stamp at which a node holds a member never goes back; nor does what it holds of the member's riding state."},
		{"met-first", "Nobody holds riding state of a life above that in which it holds the member."},
		{"no-resurrection", "Who is held suspect, dead or left at a stamp, and not in secret, is held better only at a higher stamp."},
		{"suspected-first", "Nobody is held dead who was not suspected before, unless Rules.TrustDeaths is set or suspicion is off."},
		{"cut-off-is-secret", "What a node that is cut off makes of others by itself is a secret."},
		{"own-row", "A node holds itself alive; or left, once it has said so, and then for good."},
		{"outgrow", "A node that hears itself accused, or alive at a stamp that it has not reached, and does not leave, is above that stamp afterwards."},
		{"evidence-counts", "Who hears of a known member at a stamp holds it at that stamp or above; and who hears from a member that it left, holds that, or it at a higher stamp."},
		{"heard-is-connected", "A node that has just heard from a member is not cut off."},
		{"refute-raises", "A node that refutes has raised its stamp, and says so, at once or when it next speaks."},
		{"buddy", "A ping to a suspect tells it so, unless that is a secret, or Rules.NoBuddy is set."},
		{"told-is-held", "A node tells no stamp that is above what it holds, and no verdict that is a secret."},
		{"acked-is-left", "Only a departure that is held, or of somebody unknown, is acknowledged."},
		{"answered", "A member counts as having answered only where an answer to that very probe has come."},
		{"replaced-is-silent", "A node that a higher life of its name has replaced sends nothing."},
		{"own-word", "Nobody holds a member at a stamp, or at a state that rides along, above what the member itself has reached."},
		{"left-by-own-word", "Nobody holds a member to have left that has not said so, in that life."},
		{"accuracy", "Where nothing was late, stalled or stopped, and no more lost than a probe can do without, nobody is suspected."},
		{"calm", "Once nothing is lost any more, all nodes that are up agree that these are the members."},
		{"completeness", "If then one of them ends without a word, the others find out."},
	}
}

// A Fault is an invariant that does not hold.
type Fault struct {
	// Invariant is the name of one of [Invariants].
	Invariant string
	// Detail says what is wrong.
	Detail string
}

func (f *Fault) String() string { return f.Invariant + ": " + f.Detail }

func fault(invariant, format string, args ...any) *Fault {
	return &Fault{invariant, fmt.Sprintf(format, args...)}
}
