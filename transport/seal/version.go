package seal

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/nekton-go/nekton/types"
)

// The bytes that packets and streams begin with. No two of them are equal, across
// both versions, so that one byte tells to which version something belongs, whatever
// is around it:
//
//	v1   0–13   a message of memberlist, clear (stream and packet), or the version of
//	            an encrypted packet (0, 1), or an encrypted stream (10)
//	     244    a label
//	v2   0xce   a clear packet
//	     0xc6   a clear frame of a stream
//	     0xc1   an encrypted packet or frame: the one byte that msgpack never uses
//	     0xd9   a label: a text of msgpack, with a length of one byte
const (
	v1LastType = 13
	v1Label    = 244
	v2Packet   = 0xce
	v2Frame    = 0xc6
	v2Sealed   = 0xc1
	v2Label    = 0xd9
)

// VersionOf tells to which gossip version a packet or stream belongs that begins with
// a byte, also when it is encrypted or labelled: [types.DEFAULT_GOSSIP_VERSION] (v1),
// [types.GOSSIP_VERSION_2], or "" for neither. It does not vouch for the rest.
func VersionOf(first byte) string {
	switch {
	case first <= v1LastType || first == v1Label:
		return types.DEFAULT_GOSSIP_VERSION
	case first == v2Packet || first == v2Frame || first == v2Sealed || first == v2Label:
		return types.GOSSIP_VERSION_2
	}
	return ""
}

// Sniff waits for the first byte of a stream that somebody else opened and returns its
// gossip version, as [VersionOf] does, and the connection with that byte still to be
// read. The error is that of the connection, [io.ErrUnexpectedEOF] if it ended.
func Sniff(conn net.Conn) (version string, whole net.Conn, err error) {
	c := &sniffedConn{Conn: conn, first: make([]byte, 1)}
	if _, err := io.ReadFull(conn, c.first); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return "", nil, fmt.Errorf("seal: wait for the first byte of a stream: %w", err)
	}
	return VersionOf(c.first[0]), c, nil
}

// A sniffedConn gives back the byte that was looked at.
type sniffedConn struct {
	net.Conn
	first []byte
}

func (c *sniffedConn) Read(b []byte) (int, error) {
	if len(c.first) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.first)
	c.first = c.first[n:]
	return n, nil
}
