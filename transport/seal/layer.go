package seal

import (
	"bufio"
	"crypto/rand"
	"fmt"
	"net"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
	"github.com/nekton-go/nekton/transport"
)

// MaxLabel is the longest label, in bytes: its length is one byte on the wire.
const MaxLabel = 255

// Config says what is around the messages of a node. The zero value is nothing at all
// in gossip version v2, and compression in v1.
type Config struct {
	// Keyring holds the keys; nil: nothing is encrypted, and nothing encrypted can be
	// read. It may change while it is used.
	Keyring *Keyring
	// Label keeps clusters apart that meet by accident, or that share a port behind
	// a proxy: it precedes every packet and stream in clear, and is authenticated
	// when these are encrypted. At most MaxLabel bytes; empty: none.
	Label string
	// SkipInboundLabelCheck takes what comes without a label, because a proxy has
	// removed it, and drops what still has one.
	SkipInboundLabelCheck bool
	// NoCompression sends in v1 without compressing. What comes compressed is read
	// all the same.
	NoCompression bool
}

// A LabelError is a label that cannot be sent.
type LabelError struct{ Length int } // bytes

// Error tells the length and the limit.
func (e *LabelError) Error() string {
	return fmt.Sprintf("seal: the label has %d bytes, limit %d", e.Length, MaxLabel)
}

// Validate reports what is wrong with a configuration: a *[LabelError], or [ErrNoKey]
// for a keyring that is the zero value.
func (c *Config) Validate() error {
	if len(c.Label) > MaxLabel {
		return &LabelError{Length: len(c.Label)}
	}
	if c.Keyring != nil && c.Keyring.load() == nil {
		return ErrNoKey
	}
	return nil
}

// A Layer is what one gossip version puts around the messages of a node, between the
// codec and the network: label, encryption, checksum, compression. [V1] and [V2] make
// one. All methods may be called concurrently, with different Buffers.
type Layer interface {
	// Overhead is the most that Seal makes a packet longer, in bytes. It does not
	// change while the keyring does.
	Overhead() int

	// Seal returns the packet that carries a message. checked says that the receiver
	// takes a checksum around it, see [swim.Batch.Checked]; it is of no meaning in
	// v2. What is returned is message itself, or in b until it is used again.
	Seal(b *Buffers, message []byte, checked bool) (packet []byte)

	// Open returns the message that a packet carries. Any drop but
	// [swim.DropNone] says why there is none that may be used. What is returned is
	// part of packet, or in b until it is used again. A packet of the other gossip
	// version is [swim.DropVersion], whatever is around it; what is of neither is
	// returned as it is, for the codec to judge.
	Open(b *Buffers, packet []byte) (message []byte, drop swim.Drop)

	// Stream returns how messages follow each other on one stream, within limits,
	// whose zero fields mean the defaults. dialled says that the stream is ours. What
	// [transport.Framing] returns may be a *[RejectedError], or a
	// [*swim.RefusedError] if the other side has said why it rejects us. The messages
	// it returns are in b, which is its own until the last of them has been used.
	Stream(b *Buffers, conn net.Conn, limits transport.Limits, dialled bool) transport.Framing
}

// Buffers are the memory that Seal, Open and a stream work in. The zero value is ready.
// They belong to one goroutine at a time, and grow to the size of what they are used for,
// so that nothing is allocated later.
type Buffers struct {
	plain      []byte // decrypted
	expanded   []byte // decompressed
	compressed []byte
	checked    []byte // with its checksum
	packet     []byte // sealed
	additional []byte // authenticated with the ciphertext, not part of it
	streams    *streamBuffers
}

// streamBuffers are what streams need besides. Who reads packets has none.
type streamBuffers struct {
	in         *bufio.Reader         // of what comes
	frames     transport.FrameReader // of v2
	message    []byte                // of v1, as it came
	compressor wirev1.Compressor     // of what goes out there
}

// forStream makes b ready for a stream.
func (b *Buffers) forStream() *Buffers {
	if b.streams == nil {
		b.streams = new(streamBuffers)
	}
	return b
}

// reader reads from conn, at least size bytes at a time.
func (b *streamBuffers) reader(conn net.Conn, size int) *bufio.Reader {
	if b.in == nil || b.in.Size() < size {
		b.in = bufio.NewReaderSize(conn, size)
	} else {
		b.in.Reset(conn)
	}
	return b.in
}

// A RejectedError says why what came on a stream was not used. Nothing has changed. On a
// stream that we dialled it wraps a [*swim.RefusedError], whose ByUs is true.
type RejectedError struct {
	Drop swim.Drop
	Err  error // may be nil
}

// Error names the reason.
func (e *RejectedError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("seal: the answer was rejected: %v: %v", e.Drop, e.Err)
	}
	return fmt.Sprintf("seal: the stream was rejected: %v", e.Drop)
}

// Unwrap returns Err.
func (e *RejectedError) Unwrap() error { return e.Err }

// rejectAnswer is the error about what came on a stream that we dialled.
func rejectAnswer(conn net.Conn, drop swim.Drop, reason swim.RefusalReason) error {
	return &RejectedError{Drop: drop, Err: &swim.RefusedError{
		Refusal: swim.Refusal{Reason: reason}, Peer: conn.RemoteAddr().String(), ByUs: true,
	}}
}

// base is what the layers of both versions have in common.
type base struct {
	keyring     *Keyring
	label       string
	header      []byte // that precedes all we send; empty without a label
	mark        byte   // of that header
	skipInbound bool
	nonce       func([]byte)
}

func newBase(cfg Config, mark byte) (base, error) {
	if err := cfg.Validate(); err != nil {
		return base{}, err
	}
	b := base{
		keyring: cfg.Keyring, label: cfg.Label, mark: mark, skipInbound: cfg.SkipInboundLabelCheck, nonce: randomNonce,
	}
	if cfg.Label != "" {
		b.header = append([]byte{mark, byte(len(cfg.Label))}, cfg.Label...)
	}
	return b, nil
}

// randomNonce fills b. It never fails: the program ends instead.
func randomNonce(b []byte) { _, _ = rand.Read(b) }

// cutLabel checks the label in front of a packet, and takes it off.
//
//	mark | length | label | rest
func (b *base) cutLabel(packet []byte) (rest []byte, ok bool) {
	if len(packet) == 0 || packet[0] != b.mark {
		return packet, b.label == "" || b.skipInbound
	}
	if len(packet) < 2 || packet[1] == 0 || len(packet) < 2+int(packet[1]) || b.skipInbound {
		return nil, false
	}
	end := 2 + int(packet[1])
	return packet[end:], string(packet[2:end]) == b.label
}
