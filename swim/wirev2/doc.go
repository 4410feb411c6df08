// Package wirev2 is nekton's own wire: the [swim.Codec] of gossip version v2. It
// turns messages and frames into bytes and back, and decides nothing.
//
// Everything on the wire is valid msgpack, in arrays rather than maps, so that any
// msgpack tool can print a capture. Integers and lengths are written in their
// shortest form: equal messages are equal bytes.
//
// # Packets
//
// A packet is a header and one or more messages, back to back:
//
//	┌──────────────────┬───────────┬───────────┬──
//	│ ce │ hash        │ message   │ message   │ …
//	└──────────────────┴───────────┴───────────┴──
//	  1    4 bytes       array       array
//
// The header is a msgpack uint32: a hash of wire version, gossip version and
// cluster id. No packet of memberlist begins with 0xce, so one byte tells the two
// wires apart. A message is an array of up to 15 elements that begins with its
// kind:
//
//	ping       [1, seq, name]                        prints absent
//	           [1, seq, name, members, state]        prints given
//	           […, period]                           and the period, behind either (nil for no prints)
//	ping-req   [2, seq, name, address, want nack, wait]
//	ack        [3, seq]                              prints the same as the ping's
//	           [3, seq, nil]                         prints absent
//	           [3, seq, members, state]              prints given
//	nack       [4, seq]
//	alive      [5, name, generation, boot, incarnation, address, meta?]
//	suspect    [6, name, generation, boot, incarnation, from]
//	dead       [7, name, generation, boot, incarnation, from?]    no from: it left
//	rumour     [8, body]
//	leave-ack  [9, seq]
//
// An address is 6 or 18 bytes: the IP and the port in network order. A wait is in
// milliseconds. A field with a question mark may be missing at the end, or nil.
//
// # Frames
//
// A stream carries frames. The transport puts a length in front of each; the
// payload is an array that begins with the kind of frame:
//
//	open       [1, cluster id, version, join, self, members, state, [bucket …]]
//	digest     [2, self, members, state, [bucket index …], [row …], [claim …]]
//	delta      [3, self, [claim …], [delta …], [want …]]
//	refuse     [4, reason, ours, theirs, name]
//	ping       [5, cluster id, seq, name]
//	ack        [6, seq]
//
//	claim, self  [state, name, generation, boot, incarnation, address, meta?]
//	             [state, name, generation, boot, incarnation, address, meta or nil, from]
//	row          [name, generation, boot, incarnation, digest?]
//	want         [name, digest?]
//
// # What a later version may change
//
// It may add elements at the end of any of these arrays, which this version skips,
// and new kinds of messages, which this version skips and reports as
// [swim.KindUnknown]. A new kind of frame may only be sent to a member that is known to
// read it. Anything else needs a new wire version, which is part of the hash: the
// two do not see each other's packets.
//
// # Strictness
//
// Bytes from the network are hostile. An integer is read at any width, signed or
// not, but must be neither negative nor beyond its type; nil is no integer, and a
// float is none either. A string and binary are the same. Lengths and counts are
// compared with the bytes that are there before anything is allocated, and skipping
// an unknown value costs no stack however deep it is nested. Names, meta, digests
// and ids obey the limits of package swim. What breaks a rule is refused as a
// whole: a message together with the rest of its packet, since nobody knows where
// the next one begins, and a frame with an error that wraps [swim.ErrMalformed].
//
// # Size and speed
//
// With names of 8 characters and tables that are equal, a ping takes 35 bytes and
// its ack 8 as long as sequence numbers are below 128; 37 and 10 below 65,536, and
// 39 and 12 beyond. Messages are appended and parsed by hand, without allocation or
// reflection.
//
// # Use
//
//	codec, err := wirev2.New("cluster-1", "v2")
//	…
//	b := codec.BeginPacket(nil)
//	b = codec.AppendMessage(b, &swim.Message{Kind: swim.KindNack, Seq: 7})
//
//	messages, drop := codec.OpenPacket(b)
//	for ok := drop == swim.DropNone; ok && messages.Len() > 0; {
//		messages, ok = codec.NextMessage(messages, &m)
//		…
//	}
//
// A Codec never changes and may be used by any number of goroutines. The
// specification for those who write another implementation is docs/wire-v2.md.
package wirev2
