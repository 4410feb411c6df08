package wirev1

import (
	"errors"
	"fmt"
	"net/netip"

	"github.com/nekton-go/nekton/swim"
)

// The types of messages, each the byte that a message begins with.
const (
	typePing     = 0
	typePingReq  = 1
	typeAck      = 2
	typeSuspect  = 3
	typeAlive    = 4
	typeDead     = 5
	typePushPull = 6 // streams only
	typeCompound = 7 // packets only
	typeUser     = 8
	typeCompress = 9
	typeNack     = 11
	typeError    = 13 // streams only
)

// v2Code is the first byte of the packets of nekton's own wire.
const v2Code = 0xce

// Config is what a codec has to know of the member that uses it.
type Config struct {
	// Name is the member's own: a ping for nobody in particular is for it. 1 to
	// [swim.MaxNameLen] bytes.
	Name string
	// Addr is where the member wants answers to its pings, in the form in which it
	// is told: 4 bytes, or 16 for an IPv6 address or one that is mapped. An address
	// that is not valid, or without a port, is not told; answers then go where the
	// ping came from.
	Addr netip.AddrPort
	// BindPort takes the place of a port of 0 in what others say, as in memberlist.
	// Zero: that of Addr.
	BindPort uint16
}

// A Codec is memberlist's wire, as one member reads and writes it. It holds nothing
// that changes, so that any number of goroutines may use it.
type Codec struct {
	name     []byte
	source   []byte // the Source fields of our pings, ready to be appended
	sources  int    // how many they are
	bindPort uint16
}

var _ swim.Codec = (*Codec)(nil)

// New returns the codec for one member. The error says what is out of bounds.
func New(cfg Config) (*Codec, error) {
	if n := len(cfg.Name); n == 0 || n > swim.MaxNameLen {
		return nil, fmt.Errorf("name has %d bytes, want 1 to %d", n, swim.MaxNameLen)
	}
	if cfg.Addr.Addr().Zone() != "" {
		return nil, errors.New("address has a zone, which means nothing to others")
	}
	c := &Codec{name: []byte(cfg.Name), bindPort: cfg.BindPort}
	if c.bindPort == 0 {
		c.bindPort = cfg.Addr.Port()
	}
	c.source, c.sources = appendSource(nil, cfg.Addr, cfg.Name)
	return c, nil
}

// The frame of a compound: its type, the number of its parts, and two bytes of
// length per part. A packet of one message has none.
const (
	compoundOverhead = 2
	partOverhead     = 2
	maxParts         = 255 // the number is one byte
)

// PacketOverhead is the head of a compound. Beyond 255 messages, compounds are nested,
// which takes four bytes more for every 255: see [Codec.FinishPacket].
func (c *Codec) PacketOverhead() int { return compoundOverhead }

// MessageOverhead is the length of a part.
func (c *Codec) MessageOverhead() int { return partOverhead }

// BeginPacket returns b as it is: what precedes the messages is known at the end.
func (c *Codec) BeginPacket(b []byte) []byte { return b }

// Carries: versions and whole tables. memberlist knows of nothing else.
func (c *Codec) Carries() swim.Carries { return swim.Carries{Versions: true, Tables: true} }
