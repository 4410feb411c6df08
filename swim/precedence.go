package swim

// supersedes reports whether the claim "in state s at stamp i" replaces the one
// we hold, (held, j). SWIM §4.2, which message overrides which; stamps compare by
// generation, boot and incarnation, in that order.
//
//	claim \ held    alive(j)     suspect(j)    dead(j)     left(j)
//	alive(i)        i > j        i > j         i > j [1]   i > j [1]
//	suspect(i)      i >= j       i > j   [2]   –     [4]   –     [4]
//	dead(i)         i >= j [3]   i >= j  [3]   i > j       –     [4]
//	left(i)         i >= j [3]   i >= j  [3]   i >= j      i > j
//
// [1] In the paper death is final. Here a member that was wrongly declared dead,
// or that restarted, comes back by raising its incarnation or its life.
//
// [2] At i = j a second accuser confirms, see suspicion.go. At i > j the member
// has refuted in between: a new suspicion begins, with its own clock.
//
// [3] The paper lets "confirm" win at any incarnation; a delayed packet could
// then kill a member that has already refuted.
//
// [4] The state stays, but the held stamp becomes the higher of the two (see
// absorb), so that no alive claim between them can revive the member.
func supersedes(s State, i Stamp, held State, j Stamp) bool {
	order := i.Compare(j)
	switch {
	case s == Alive:
		return order > 0
	case s == Suspect && held == Alive:
		return order >= 0
	case s == Suspect && held == Suspect:
		return order > 0
	case s == Suspect:
		return false
	case held.live():
		return order >= 0
	case s == Dead && held == Dead:
		return order > 0
	case s == Left && held == Dead:
		return order >= 0
	case s == Left && held == Left:
		return order > 0
	}
	return false // dead says less than left
}
