// Package seal is what lies between the messages of a node and its network: labels,
// encryption, checksums, compression. What is inside is the business of a codec, and
// what carries it that of package transport.
//
// # Layers
//
// A [Layer] is what one gossip version puts around its messages:
//
//	            outside ◀──────────────────────────────────▶ inside
//	v1 packet   label   encryption   checksum   compression   message
//	v1 stream   label   encryption              compression   message
//	v2 packet   label   encryption                            message
//	v2 stream   label   encryption of each frame              message
//
// Each of them is optional. [V1] is memberlist's, byte for byte; [V2] is nekton's own.
// The pages docs/wire-v1.md and docs/wire-v2.md draw the bytes. No two of the bytes
// that something can begin with are equal in the two versions, so that [VersionOf] and
// [Sniff] tell them apart whatever is around.
//
// # Use
//
// A node holds one layer for each gossip version that it speaks. Packets:
//
//	keys, err := seal.NewKeyring(secret)
//	if err != nil {
//		return err
//	}
//	layer, err := seal.V2(seal.Config{Keyring: keys, Label: "reef"})
//	if err != nil {
//		return err
//	}
//	var b seal.Buffers // one for each goroutine
//	err = socket.WritePacket(layer.Seal(&b, message, false), peer)
//	…
//	message, drop := layer.Open(&b, packet)
//	if drop != swim.DropNone {
//		… // count it; nothing of it may be used
//	}
//
// And a stream:
//
//	err = stream.ConverseIn(layer.Stream(&b, stream.Conn(), stream.Limits(), true), first, step)
//
// # Keys
//
// A [Keyring] holds AES-128, AES-192 and AES-256 keys, used with GCM. It is live: keys
// are rotated, and a cluster is moved from clear traffic to encrypted, while it runs
// and without losing a packet; [Policy] is how far that has come. A nonce is 96 random
// bits. Random nonces are good for about 2³² messages under one key before the odds
// that two of them are equal exceed one in 2³² (NIST SP 800-38D, §8.3): a key wants to
// be rotated before all nodes together have sent as many.
//
// Whoever has a key is trusted with everything. What is encrypted cannot be read or
// changed by others, but a packet can be sent again by whoever saw it. The protocol
// stands that: old claims lose against newer ones, and an ack that nobody waits for is
// dropped. Streams of v2 are protected against it, from their second frame on.
//
// # Compression
//
// Memberlist compresses with LZW, so v1 does, too. v2 does not: its messages are
// short, without names of fields, and mostly hashes, numbers and text that occurs
// once, see docs/wire-v2.md for figures.
//
// # Hostile input
//
// Every length is compared with its limit before memory is spent on it, memory grows
// as bytes arrive, and what is compressed expands to no more than its limit. What is
// not for us changes nothing: packets are dropped with a reason, streams end with a
// [*RejectedError]. The other side of a v2 stream is told the reason in clear
// ([swim.RefusedError]); it learns no more than it knows: that it was not understood.
//
// # Concurrency
//
// Layers and keyrings may be used by many goroutines; [Buffers] and what
// [Layer.Stream] returns belong to one. No goroutine is started.
//
// # What it does not do
//
// It does not agree on keys, store them, or tell them to other nodes, and it does not
// authenticate single members. Sizes of packets, and who speaks with whom, stay visible.
package seal
