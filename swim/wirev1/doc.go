// Package wirev1 is memberlist's wire: the [swim.Codec] of gossip version v1. With it a
// member lives among those of hashicorp/memberlist and libopenstorage/gossip. It turns
// messages into bytes and back, and decides nothing.
//
// # Messages
//
// A message is one byte of type and a msgpack map, with the names of memberlist's
// fields as keys:
//
//	 0  ping       Node SeqNo SourceAddr? SourceNode? SourcePort?
//	 1  ping-req   Nack Node Port SeqNo SourceAddr? SourceNode? SourcePort? Target
//	 2  ack        Payload SeqNo
//	 3  suspect    From Incarnation Node
//	 4  alive      Addr Incarnation Meta Node Port Vsn
//	 5  dead       From Incarnation Node                  From is Node: it left
//	 8  user       the bytes of an application, without a map
//	11  nack       SeqNo
//
// and on streams also
//
//	 6  push-pull  Join Nodes UserStateLen, then a map per node, then the user state
//	    node       Addr Incarnation Meta Name Port State Vsn
//	 8  user       UserMsgLen, then the bytes of an application
//	13  error      Error
//
// Two contain messages:
//
//	7  compound    count, lengths, messages              packets only
//	9  compressed  Algo Buf
//
// A packet is one message, or a compound. What may be around it, from the outside in a
// label, encryption and a checksum, is not part of this package: it is undone before
// and applied after. So is compression, for which this package has the functions
// [AppendCompressed] and [AppendDecompressed].
//
// # Writing
//
// Every byte is what memberlist itself would write: keys in the order of the alphabet,
// strings and bytes in the one family that msgpack had before it told them apart,
// integers as short as possible, but those that are signed there in signed forms.
//
// # Reading
//
// Everything is read that memberlist's decoder reads: fields in any order, structs as
// arrays, strings and bytes in any family, bytes as an array of integers, integers at
// any width as long as they fit, booleans as 0 and 1, nil for the zero value of
// anything, and fields of a later version, which are skipped.
//
// Stricter than memberlist are: names, which have 1 to 255 bytes; addresses, which have
// 4 or 16; meta, which has at most 512; compounds and compressed messages inside each
// other, which expand to [MaxExpanded] at most and are at most four deep. A message that
// breaks a rule is malformed, and takes nothing else with it: the lengths of a
// compound say where the next one begins. A record of a push-pull that breaks one is
// left out.
//
// # What the wire does not tell
//
// Of a stamp, there is the incarnation only. Fingerprints, riding state in packets,
// acks of a departure, waits and periods do not exist: see [Codec.Carries].
//
// # Streams
//
// Messages on streams have no length. [ReadMessage] finds where one ends, within limits,
// while it arrives.
//
// # Use
//
//	codec, err := wirev1.New(wirev1.Config{Name: "seahorse", Addr: addr})
//	…
//	messages, drop := codec.OpenPacket(b)
//	for drop == swim.DropNone && messages.Len() > 0 {
//		var ok bool
//		if messages, ok = codec.NextMessage(messages, &m); ok {
//			…
//		}
//	}
//
// A Codec never changes and may be used by any number of goroutines. Messages of
// packets are appended and parsed by hand, without allocation or reflection. The
// specification for those who write another implementation is docs/wire-v1.md.
package wirev1
