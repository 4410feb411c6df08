package nekton

import (
	"errors"
	"fmt"
	"net"

	"github.com/nekton-go/nekton/transport/seal"
	"github.com/nekton-go/nekton/types"
)

// security is what the options below choose.
type security struct {
	keyring    *seal.Keyring
	encrypted  bool // WithKeyring was given, with a keyring or with nil
	label      string
	unlabelled bool  // what comes in has no label
	compress   *bool // nil: as the wire has it
}

// WithKeyring encrypts what the node sends, and takes what comes encrypted, as the
// policy of the keyring says: by default everything is encrypted, and nothing in clear
// is taken. Keys and policy may be changed while the node runs, see [seal.Keyring]; it
// may serve several nodes. All nodes of a cluster need a key in common. The node does
// not copy the keyring.
//
// A node without a key, or with a wrong one, stays out: its Start returns a
// *[JoinError] with a *[RefusedError] in it, on nekton's wire, and what it sends is
// counted by reason in [Stats]. A keyring that is nil, or the zero value, is an error of
// Start, so that a mistake with a key does not send in clear.
func WithKeyring(k *seal.Keyring) Option {
	return func(o *options) { o.security.keyring, o.security.encrypted = k, true }
}

// WithLabel puts a label before every packet and stream, and drops what comes with
// another, or none. It keeps clusters apart that meet by accident; it is not secret. It
// is authenticated when the node encrypts. At most [seal.MaxLabel] bytes, 255; empty,
// the default: none, and what has one is dropped.
func WithLabel(label string) Option { return func(o *options) { o.security.label = label } }

// WithSkipInboundLabelCheck takes what comes without a label, and drops what has one: a
// proxy before the node removes them, having chosen the node by the label. What the
// node sends has the label of [WithLabel] all the same.
func WithSkipInboundLabelCheck() Option {
	return func(o *options) { o.security.unlabelled = true }
}

// WithCompression says whether a node on memberlist's wire compresses what it sends, as
// memberlist does; default true. What comes compressed is read in either case. Nekton's
// own wire does not compress: there, true is an error of Start.
func WithCompression(on bool) Option { return func(o *options) { o.security.compress = &on } }

// layers are what is around the messages of a node: those of its own wire, and those of
// the other side of a bridge.
type layers struct {
	own, other seal.Layer // other is nil without a bridge
}

// of is the layer of a wire, see [swim.Batch.Wire]: 0 is the node's own.
func (l *layers) of(wire uint8) seal.Layer {
	if wire != 0 {
		return l.other
	}
	return l.own
}

// around is the layer of a packet that has come.
func (l *layers) around(packet []byte) seal.Layer {
	if l.other != nil && len(packet) > 0 && seal.VersionOf(packet[0]) == types.DEFAULT_GOSSIP_VERSION {
		return l.other
	}
	return l.own
}

// on is the layer of a stream: that of the wire for which we dialled, or that which its
// first byte tells.
func (l *layers) on(conn net.Conn, wire uint8, dialled bool) (net.Conn, seal.Layer, error) {
	if l.other == nil || dialled {
		return conn, l.of(wire), nil
	}
	version, conn, err := seal.Sniff(conn)
	if err != nil {
		return nil, nil, err
	}
	if version == types.DEFAULT_GOSSIP_VERSION {
		return conn, l.other, nil
	}
	return conn, l.own, nil
}

// makeLayers makes what is around the messages of the node: the one place that chooses
// by its wire. What is wrong with the options is a problem of Start.
func (n *Node) makeLayers(problems []error) []error {
	o := n.opts.security
	cfg := seal.Config{
		Keyring: o.keyring, Label: o.label, SkipInboundLabelCheck: o.unlabelled,
		NoCompression: o.compress != nil && !*o.compress,
	}
	newLayer := seal.V2
	if n.memberlist {
		newLayer = seal.V1
	} else if n.opts.bridge == nil && o.compress != nil && *o.compress {
		problems = append(problems, &ConfigError{"compression", "exists on memberlist's wire only"})
	}
	if o.encrypted && o.keyring == nil {
		problems = append(problems, &ConfigError{"keyring", "is nil; make it with seal.NewKeyring"})
	}
	layer, err := newLayer(cfg)
	var label *seal.LabelError
	switch {
	case errors.As(err, &label):
		return append(problems, &ConfigError{"label", fmt.Sprintf("has %d bytes, limit %d", label.Length, seal.MaxLabel)})
	case errors.Is(err, seal.ErrNoKey):
		return append(problems, &ConfigError{"keyring", "has no key; make it with seal.NewKeyring"})
	case err != nil:
		return append(problems, err)
	}
	n.layers = layers{own: layer}
	around := layer.Overhead()
	if n.opts.bridge != nil {
		if n.layers.other, err = seal.V1(cfg); err != nil {
			return append(problems, err)
		}
		around = max(around, n.layers.other.Overhead())
	}
	if room := n.opts.limits.Packet - around; room < minPacket {
		problems = append(problems, &ConfigError{"Limits.Packet", fmt.Sprintf(
			"is %d, want %d or more: what is around a message takes %d", n.opts.limits.Packet, minPacket+around, around)})
	}
	return problems
}
