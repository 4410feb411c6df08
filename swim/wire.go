package swim

import (
	"net/netip"
	"time"
)

// A Codec is a wire format. The protocol exists once; each gossip version brings
// a codec. Packet messages are parsed and appended without allocation; the frames
// of streams are cold and may allocate.
//
// A packet is a header and one or more messages. The core builds it as
//
//	b = BeginPacket(b)
//	b = AppendMessage(b, m)   // once per message; parts notes where each begins
//	b = FinishPacket(b, parts)
//
// A Codec keeps nothing of what it is given and holds no state that changes.
type Codec interface {
	// PacketOverhead is the most that BeginPacket and FinishPacket add to a
	// packet; MessageOverhead the most that FinishPacket adds per message. Bytes.
	PacketOverhead() int
	MessageOverhead() int

	// BeginPacket appends what precedes the first message.
	BeginPacket(b []byte) []byte
	// AppendMessage appends one message.
	AppendMessage(b []byte, m *Message) []byte
	// FinishPacket completes the packet that began at offset start of b, given
	// the offset of each message.
	FinishPacket(b []byte, start int, parts []int) []byte

	// OpenPacket checks the header and returns the messages, which alias b unless
	// they had to be unpacked. A drop other than DropNone says why the packet is not
	// for us.
	OpenPacket(b []byte) (messages Messages, drop Drop)
	// NextMessage parses the first of the messages into m, overwriting all of it,
	// and returns the rest. The slices of m alias the messages. A message of a kind
	// that this codec does not know is returned as KindUnknown when it can be
	// skipped. One that is malformed is not ok; the rest is what follows it, and
	// empty on a wire that cannot tell where that begins.
	NextMessage(messages Messages, m *Message) (rest Messages, ok bool)
	// CutAlive takes off the first of the messages, if it looks like a claim that a
	// member is alive, and reads no more than where it ends. Whether it is one, and
	// ends there, NextMessage says, and always the same of the same bytes: who has
	// parsed them once need not do so again. To be not ok is never wrong.
	CutAlive(messages Messages) (claim []byte, rest Messages, ok bool)

	// AppendFrame appends one frame of a stream; ParseFrame parses one and
	// returns an error that wraps ErrMalformed. What it returns does not alias b, but
	// for the table and the state of a FrameTable; its texts may be parts of one, and
	// who keeps one copies it.
	AppendFrame(b []byte, f *Frame) []byte
	ParseFrame(b []byte) (*Frame, error)

	// Carries says what this wire can tell. It is the same at every call.
	Carries() Carries
}

// Messages are those messages of an opened packet that have not been parsed yet. It
// is passed by value, in registers, and means nothing to anybody but the codec that
// made it. The zero value is empty.
type Messages struct {
	// Bytes are the messages, one behind the other. On a wire that puts their lengths
	// in front of all of them, those that are left come first, and then all messages,
	// of which the first Skip bytes have been parsed.
	Bytes []byte
	Parts uint32 // lengths that are left
	Skip  uint32 // bytes behind them that have been parsed
}

// Len is how many bytes are left, lengths included. Zero: there is nothing left to
// parse.
func (m Messages) Len() int { return len(m.Bytes) - int(m.Skip) }

// Carries says what a wire can tell, beside what every wire can.
type Carries struct {
	// Prints: pings and acks carry fingerprints. Without them, push-pull opens a
	// stream on every interval.
	Prints bool
	// Lives: claims carry generation and boot. Without them, stamps are
	// incarnations; see [Stamp].
	Lives bool
	// Rumours: packets carry riding state. Without them it travels by push-pull
	// alone.
	Rumours bool
	// Waits: a ping-req says how long the prober will wait. Without it, a relay nacks
	// after its own ProbeTimeout, or most of it.
	Waits bool
	// LeaveAcks: a departure can be acknowledged. Without them, a member has left
	// when it has said so as often as it says anything.
	LeaveAcks bool
	// Tables: a push-pull is one FrameTable each way, with all that either side
	// holds. Without it, the sides find what differs; see exchange.go.
	Tables bool
	// Versions: claims carry [Versions], which say what a member understands.
	Versions bool
}

// Kind tells the messages of a packet apart.
type Kind uint8

const (
	// KindUnknown is a well-formed message that this version does not know.
	KindUnknown Kind = iota
	// KindPing asks Name for an ack. Carries Seq, Name, Prints, Period, ReplyTo, From.
	KindPing
	// KindPingReq asks the receiver to ping Name at Addr on the sender's behalf
	// (indirect probe). Carries Seq, Name, Addr, WantNack, Wait, ReplyTo.
	KindPingReq
	// KindAck answers a ping. Carries Seq and Prints.
	KindAck
	// KindNack says that an indirect probe has had no ack so far. Carries Seq.
	// Source: Lifeguard §IV-A.
	KindNack
	// KindAlive claims that Name is alive at Stamp. Carries Addr, Meta and Versions.
	KindAlive
	// KindSuspect claims that From suspects Name at Stamp.
	KindSuspect
	// KindDead claims that From declared Name dead at Stamp; when From is Name,
	// that it left.
	KindDead
	// KindRumour carries news of the riding state, opaque here. Carries Body.
	KindRumour
	// KindLeaveAck tells a leaving member that its departure was noted. Carries
	// Seq, the incarnation of the departure.
	KindLeaveAck
	// KindUser carries bytes of an application that shares the wire. They are not
	// ours. Carries Body.
	KindUser

	numKinds
)

// String returns the field's term for the message.
func (k Kind) String() string {
	names := [numKinds]string{
		"unknown", "ping", "ping-req", "ack", "nack", "alive", "suspect", "dead", "state", "leave-ack",
		"user",
	}
	if k < numKinds {
		return names[k]
	}
	return "unknown"
}

// A Message is one message of a packet: a union of the fields that its kind
// names. A parsed message aliases the packet, and is valid only until the packet
// is gone. All fields of a parsed message come from the network; lengths are
// within the limits below, nothing else is known about them.
type Message struct {
	Kind     Kind
	Seq      SeqNo
	Name     []byte         // the member in question; 1 to MaxNameLen bytes
	From     []byte         // who says so, 1 to MaxNameLen bytes; who pings, on a wire that tells
	Addr     netip.AddrPort // in the form that the wire has: v1 tells an IPv4 address from a mapped one
	Stamp    Stamp
	Versions Versions       // alive: what the member understands
	Meta     []byte         // at most MaxMetaLen bytes
	ReplyTo  netip.AddrPort // ping, ping-req: where the answer goes, if not whence it came; invalid: not told
	Prints   Prints         // of the sender's tables
	Seen     PrintsSeen     // whether Prints is meaningful
	WantNack bool           // ping-req: send a nack when there is no ack in time
	Wait     time.Duration  // ping-req: how long the prober will wait; 0: unknown
	Period   uint8          // ping: the period by the sender's clock, 1 to NumPeriods in turn; 0: not told
	Body     []byte         // rumour: bytes of the riding state
}

// Prints are the fingerprints of the two tables: of the members held alive or
// suspect, and of the riding state of the same members. Equal prints mean equal
// tables. Each is the wrapping sum of one 64-bit hash per row.
type Prints struct {
	Members uint64
	State   uint64
}

// PrintsSeen says what a message tells about the sender's prints.
type PrintsSeen uint8

const (
	// PrintsAbsent: nothing, as in an ack that a relay passes on.
	PrintsAbsent PrintsSeen = iota
	// PrintsGiven: they are in the message.
	PrintsGiven
	// PrintsSame: they equal those of the ping that is being acked.
	PrintsSame
)

// NumPeriods is how many protocol periods a ping tells apart: as many as a byte of
// msgpack holds beside zero, which says that the sender does not tell.
const NumPeriods = 127

// Versions are the ranges of protocol versions that a member publishes on
// memberlist's wire, in the order of that: least, greatest and spoken version of the
// protocol, then of the application. They are relayed unchanged. All zero: not told.
type Versions [6]byte

// The places of Versions.
const (
	VersionMin = iota // the least version of the protocol that the member understands
	VersionMax
	VersionCur // the one it speaks
	VersionAppMin
	VersionAppMax
	VersionAppCur
)

// MemberlistVersions are those of memberlist v0.7.0 with its default settings, whose
// protocol we speak.
func MemberlistVersions() Versions { return Versions{1, 5, 2, 0, 0, 0} }

// Limits of what a codec accepts and a configuration may ask for. Bytes.
const (
	MaxNameLen    = 255   // one length byte on every wire
	MaxMetaLen    = 512   // memberlist's limit, kept so that v1 and v2 agree
	MaxClusterLen = 255   // cluster id and gossip version in a stream's first frame
	MaxPacketLen  = 65535 // the most that a UDP datagram can carry
)

// FrameKind tells the frames of a stream apart.
type FrameKind uint8

const (
	// FrameOpen begins a push-pull: ClusterID, Version, Join, Self, Prints,
	// Buckets. No buckets: the sender holds nobody but itself and wants all. An
	// open that has too few buckets is answered with one that has more.
	FrameOpen FrameKind = iota + 1
	// FrameDigest answers an open that has buckets: Self, Prints, Differ, Rows, and
	// in Claims what the sender holds against the opener. Without Differ and Claims
	// it is the last frame.
	FrameDigest
	// FrameDelta carries what the other side lacks: Self, Claims, Deltas, Wants.
	FrameDelta
	// FrameRefuse ends a push-pull for a reason: Refusal.
	FrameRefuse
	// FramePing is a direct probe on a stream: ClusterID, Seq, Name.
	FramePing
	// FrameAck answers it: Seq.
	FrameAck
	// FrameTable is a whole push-pull of one side: Join, Table (with its own record
	// and those of the dead and departed), State.
	FrameTable
	// FrameError says in words why the peer could not read what we sent: Text.
	FrameError
	// FrameUser carries bytes of an application that shares the wire. They are not
	// ours: State.
	FrameUser
)

// A Frame is one frame of a stream, a union of the fields that its kind names.
type Frame struct {
	Kind      FrameKind
	ClusterID string
	Version   string
	Join      bool
	Self      Claim // the sender's claim about itself; always alive or left
	Prints    Prints
	Buckets   []uint64 // sums of row hashes; the length is a power of two
	Differ    []uint32 // indexes of the buckets whose sums differ, ascending
	Rows      []Row    // what the sender holds in those buckets
	Claims    []Claim
	Table     Table
	Skipped   int      // rows that were left out of a table, as no member can have them
	Deltas    [][]byte // riding state, one member each
	Wants     []Want
	Refusal   Refusal
	Seq       SeqNo
	Name      string
	State     []byte // the riding state of all, opaque here
	Text      string
}

// A Claim is one record of the members table as it travels on a stream.
type Claim struct {
	State State
	Name  string
	Addr  netip.AddrPort
	Stamp Stamp
	Meta  []byte
	From  string // suspect or dead: who says so; empty otherwise, and where the wire does not tell
	// Versions is what the member understands; zero on a wire that does not tell.
	Versions Versions
}

// A Row is the digest of one live member: enough to see who holds newer news.
type Row struct {
	Name   string
	Stamp  Stamp
	Digest []byte // of the riding state, opaque here; at most MaxDigestLen bytes
}

// A Want asks for the record of a member, and for its riding state above Digest.
type Want struct {
	Name   string
	Digest []byte // empty: everything
}

// MaxDigestLen bounds the digest of one member's riding state. Bytes.
const MaxDigestLen = 64

// RefusalReason says why a push-pull was refused.
type RefusalReason uint8

const (
	// RefusedCluster: the cluster ids differ.
	RefusedCluster RefusalReason = iota + 1
	// RefusedVersion: the gossip versions differ.
	RefusedVersion
	// RefusedGeneration: the joiner's generation is lower than one that is known.
	RefusedGeneration
	// RefusedBoot: the joiner's boot is too far ahead of the clock.
	RefusedBoot
	// RefusedFull: the members table is full.
	RefusedFull
	// RefusedName: the name is already in use by a live member of the same life.
	RefusedName
	// RefusedClear: we speak in clear to a member that demands encryption.
	RefusedClear
	// RefusedSealed: we encrypt, and the member has no keys.
	RefusedSealed
	// RefusedKey: the member does not have the key that we encrypt with.
	RefusedKey
	// RefusedLabel: the labels differ.
	RefusedLabel

	numRefusals
)

// String returns a short name of the reason.
func (r RefusalReason) String() string {
	names := [numRefusals]string{
		"unknown", "cluster id mismatch", "gossip version mismatch", "generation too low",
		"boot ahead of the clock", "members table full", "name in use",
		"encryption required", "encryption not configured", "encryption key mismatch", "label mismatch",
	}
	if r < numRefusals {
		return names[r]
	}
	return names[0]
}

// A Refusal is the answer of a member that does not let us join.
type Refusal struct {
	Reason RefusalReason
	Ours   string // the value at the side that refuses
	Theirs string // the value at the side that is refused
	Name   string // the member that refuses
}
