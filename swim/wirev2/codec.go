package wirev2

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// wireVersion is the version of the layouts in this package. It is part of the
// packet header and changes only when old members could not read new packets at
// all: fields and kinds are added without a change, see doc.go.
const wireVersion = 1

const (
	// headerLen is the length of a packet's header: a msgpack uint32.
	headerLen = 5
	// headerCode is its first byte, which none of memberlist's packets has.
	headerCode = mpack.Uint32
)

// The first bytes of memberlist's packets: its message types, and the type that
// precedes a label. Encrypted packets begin with 0 or 1, which are among them.
const (
	memberlistLastType  = 13
	memberlistLabelType = 244
)

// A Codec is nekton's own wire for one cluster and one gossip version. It holds
// nothing that changes, so that any number of goroutines may use it.
type Codec struct {
	header [headerLen]byte
}

var _ swim.Codec = (*Codec)(nil)

// New returns the codec for the members of clusterID that speak the gossip
// version of that name. Both may be empty. Each is at most
// [swim.MaxClusterLen] bytes long, or an error says which is not.
func New(clusterID, version string) (*Codec, error) {
	var errs []error
	for _, id := range []struct{ what, value string }{
		{"cluster id", clusterID}, {"gossip version", version},
	} {
		if len(id.value) > swim.MaxClusterLen {
			errs = append(errs, fmt.Errorf("%s has %d bytes, limit %d", id.what, len(id.value), swim.MaxClusterLen))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	c := &Codec{}
	c.header[0] = headerCode
	binary.BigEndian.PutUint32(c.header[1:], clusterHash(clusterID, version))
	return c, nil
}

// clusterHash is FNV-1a with 64 bits, folded to 32, over
//
//	"nekton" │ wire version │ length, gossip version │ length, cluster id
//
// where the wire version and each length are one byte. It tells clusters apart
// that share a network by accident, one pair in 2³² excepted; it keeps nobody out
// who wants to get in. Streams compare the ids themselves.
func clusterHash(clusterID, version string) uint32 {
	b := append([]byte("nekton"), wireVersion)
	b = append(append(b, byte(len(version))), version...)
	b = append(append(b, byte(len(clusterID))), clusterID...)
	h := fnv.New64a()
	h.Write(b)
	sum := h.Sum64()
	return uint32(sum>>32) ^ uint32(sum)
}

// PacketOverhead is the length of the header.
func (c *Codec) PacketOverhead() int { return headerLen }

// MessageOverhead is zero: messages follow each other without anything between.
func (c *Codec) MessageOverhead() int { return 0 }

// BeginPacket appends the header.
func (c *Codec) BeginPacket(b []byte) []byte { return append(b, c.header[:]...) }

// FinishPacket returns b as it is: a packet is complete after every message.
func (c *Codec) FinishPacket(b []byte, _ int, _ []int) []byte { return b }

// OpenPacket checks the header of a packet and returns what follows, aliasing b.
// It drops
//
//   - memberlist's packets: DropVersion;
//   - those of another cluster, gossip version or wire version: DropCluster;
//   - those longer than a datagram can be: DropTooLarge;
//   - anything else that is not a header and at least one message: DropMalformed.
func (c *Codec) OpenPacket(b []byte) (swim.Messages, swim.Drop) {
	switch {
	case len(b) == 0:
		return swim.Messages{}, swim.DropMalformed
	case b[0] <= memberlistLastType || b[0] == memberlistLabelType:
		return swim.Messages{}, swim.DropVersion
	case b[0] != headerCode || len(b) <= headerLen:
		return swim.Messages{}, swim.DropMalformed
	case len(b) > swim.MaxPacketLen:
		return swim.Messages{}, swim.DropTooLarge
	case [headerLen]byte(b) != c.header:
		return swim.Messages{}, swim.DropCluster
	}
	return swim.Messages{Bytes: b[headerLen:]}, swim.DropNone
}

// Carries: everything but what only memberlist has.
func (c *Codec) Carries() swim.Carries {
	return swim.Carries{Prints: true, Lives: true, Rumours: true, Waits: true, LeaveAcks: true}
}
