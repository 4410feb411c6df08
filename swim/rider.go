package swim

// A Rider is the state that rides along with membership: what package store holds
// about each member. The core spreads it, compares it and repairs it without
// understanding a byte of it.
//
// All methods are called synchronously from within calls of the core, with names
// of members. None may call the core, but for [Core.LifeOf].
type Rider interface {
	// Hash is the row hash of what is held about name; 0 when nothing is. It
	// changes when, and only when, the owner's generation, boot or version does.
	Hash(name string) uint64
	// BeginLife says that name has begun a new life: what it published in former
	// ones is void. Without effect if the rider already holds this life or a
	// higher one.
	BeginLife(name string, life Life)
	// Meet says that name became a member that was unknown until now, in a life that
	// may be any: whoever remembered a higher one has forgotten it. What is held of
	// another life is void.
	Meet(name string, life Life)

	// AppendRumour appends the news about name above the mark base, at most
	// budget bytes; it returns b unchanged when there is none or none fits.
	AppendRumour(b []byte, name string, base uint64, budget int) []byte
	// About returns the name that a rumour or delta is about, aliasing it, and the life
	// of that name in which it was published.
	About(rumour []byte) (name []byte, life Life, ok bool)
	// Merge takes in a rumour or delta about a member, of a life that is not above the
	// one in which we have met it: nothing is ever held of a life before BeginLife or
	// Meet has told of it.
	Merge(rumour []byte) Merged

	// AppendDigest appends a digest of what is held about name, at most
	// MaxDigestLen bytes.
	AppendDigest(b []byte, name string) []byte
	// Compare orders what we hold about name and what a digest describes: -1 when
	// the digest is ahead, +1 when we are. An empty digest describes nothing.
	Compare(name string, digest []byte) int
	// AppendDelta appends what the holder of digest lacks about name, at most
	// budget bytes; it returns b unchanged when nothing is lacking or fits.
	AppendDelta(b []byte, name string, digest []byte, budget int) []byte
}

// A TableRider is a Rider for wires that trade whole tables: there, riding state
// travels as one piece, with each push-pull.
type TableRider interface {
	Rider
	// AppendTable appends the riding state of all members, for a push-pull that joins
	// or not.
	AppendTable(b []byte, join bool) []byte
	// MergeTable takes in what the other side of a push-pull appended; peer is its
	// name, or empty. state is valid until MergeTable returns.
	MergeTable(peer string, state []byte, join bool)
}

// Merged is the outcome of a merge.
type Merged struct {
	// News: something changed here, and others may not have it yet.
	News bool
	// Repeat: it reaches as far as what is held, and no further.
	Repeat bool
	// Base is the mark of what was held before, for AppendRumour.
	Base uint64
	// Drop says why nothing was taken in; DropNone when it was, or was known.
	Drop Drop
}

// noRider rides along when nothing else does.
type noRider struct{}

func (noRider) Hash(string) uint64                                      { return 0 }
func (noRider) BeginLife(string, Life)                                  {}
func (noRider) Meet(string, Life)                                       {}
func (noRider) AppendRumour(b []byte, _ string, _ uint64, _ int) []byte { return b }
func (noRider) About([]byte) ([]byte, Life, bool)                       { return nil, Life{}, false }
func (noRider) Merge([]byte) Merged                                     { return Merged{Drop: DropBadRumour} }
func (noRider) AppendDigest(b []byte, _ string) []byte                  { return b }
func (noRider) Compare(string, []byte) int                              { return 0 }
func (noRider) AppendDelta(b []byte, _ string, _ []byte, _ int) []byte  { return b }
