package peer

import (
	"bufio"
	"bytes"
	"compress/lzw"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/vmihailenco/msgpack/v5"

	"github.com/nekton-go/nekton/transport"
)

// The types of memberlist's messages that tests write or read by hand.
const (
	TypePing         = 0
	TypeIndirectPing = 1
	TypeAck          = 2
	TypeSuspect      = 3
	TypeAlive        = 4
	TypeDead         = 5
	TypePushPull     = 6
	TypeCompound     = 7
	TypeUser         = 8
	TypeCompress     = 9
	TypeEncrypt      = 10
	TypeNack         = 11
	TypeChecksum     = 12
	TypeLabel        = 244
)

// The states of a row.
const (
	RowAlive = iota
	RowSuspect
	RowDead
	RowLeft
)

// An Accusation is a suspect or dead message.
type Accusation struct {
	Incarnation uint32
	Node, From  string
}

// A Row is what a member tells about another in a push-pull.
type Row struct {
	Name        string
	Addr        []byte
	Port        uint16
	Meta        []byte
	Incarnation uint32
	State       int
	Vsn         []byte
}

type pushPullHeader struct {
	Nodes, UserStateLen int
	Join                bool
}

// Message encodes one message.
func Message(kind byte, v any) []byte {
	var b bytes.Buffer
	b.WriteByte(kind)
	e := msgpack.NewEncoder(&b)
	e.UseCompactInts(true)
	if err := e.Encode(v); err != nil {
		panic("peer: " + err.Error()) // a type of ours that has no encoding
	}
	return b.Bytes()
}

// A Stranger speaks memberlist's wire byte by byte, and is a member of nothing.
type Stranger struct {
	// Around is what it puts around what it says.
	Around Envelope

	t transport.Transport
}

// Stranger opens one at a site. Whoever opens it closes it.
func (s *Site) Stranger() (*Stranger, error) {
	t, err := s.Listen(context.Background(), s.Addr().String())
	if err != nil {
		return nil, err
	}
	return &Stranger{t: t}, nil
}

// Close frees the address.
func (s *Stranger) Close() error { return s.t.Close() }

// Addr is where it can be reached.
func (s *Stranger) Addr() netip.AddrPort { return s.t.LocalAddr() }

// Send sends one message in a packet of its own.
func (s *Stranger) Send(message []byte, to netip.AddrPort) error {
	return s.t.WritePacket(s.Around.Packet(message), to)
}

// Table asks a member for its table in a push-pull that brings nothing, by name.
func (s *Stranger) Table(at netip.AddrPort) (map[string]Row, error) {
	table, _, err := s.PushPull(at, nil, nil, false)
	return table, err
}

// PushPull trades tables with a member: what it is told, and what it answers.
func (s *Stranger) PushPull(at netip.AddrPort, rows []Row, state []byte, join bool) (map[string]Row, []byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := s.t.Dial(ctx, at)
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	if deadline, ok := ctx.Deadline(); ok {
		_ = c.SetDeadline(deadline)
	}
	if _, err := c.Write(s.Around.Stream(Table(rows, state, join))); err != nil {
		return nil, nil, err
	}
	kind, r, err := s.Around.Answer(c)
	if err != nil {
		return nil, nil, err
	}
	if kind != TypePushPull {
		return nil, nil, fmt.Errorf("peer: the answer is of type %d, not a table", kind)
	}
	return readTable(r)
}

// Table encodes a push-pull.
func Table(rows []Row, state []byte, join bool) []byte {
	b := Message(TypePushPull, pushPullHeader{len(rows), len(state), join})
	for _, r := range rows {
		b = append(b, Message(0, r)[1:]...)
	}
	return append(b, state...)
}

// packed is the body of a message of TypeCompress.
type packed struct {
	Algo uint8
	Buf  []byte
}

// Compressed encodes a message within a message of TypeCompress.
func Compressed(message []byte) []byte {
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, 8)
	_, _ = w.Write(message) // a buffer takes everything
	_ = w.Close()
	return Message(TypeCompress, packed{Buf: b.Bytes()})
}

func readTable(r *bufio.Reader) (map[string]Row, []byte, error) {
	d := msgpack.NewDecoder(r)
	var h pushPullHeader
	if err := d.Decode(&h); err != nil {
		return nil, nil, err
	}
	table := make(map[string]Row, h.Nodes)
	for range h.Nodes {
		var row Row
		if err := d.Decode(&row); err != nil {
			return nil, nil, err
		}
		if _, twice := table[row.Name]; twice {
			return nil, nil, errors.New("peer: the table names " + row.Name + " twice")
		}
		table[row.Name] = row
	}
	state := make([]byte, h.UserStateLen)
	_, err := io.ReadFull(r, state)
	return table, state, err
}
