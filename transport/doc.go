// Package transport moves the bytes of a node: datagrams and streams, on real
// sockets or in memory. It has no opinion on who is alive, on what a message
// means, or on when to send one; package swim has those, and never sees a
// socket.
//
// # Packets and streams
//
// A [Transport] is one address with packets and streams on it. There are two:
//
//   - [Listen] opens UDP and TCP on one port of this machine.
//   - [Network.Listen] adds a node to a network in memory, on which a test can
//     drop packets and sever links.
//
// A listen address that is wrong is an error that says what is wrong with it
// ([AddrError]); nothing ever listens anywhere else than it was told. What other
// nodes are told to send to, when a node listens on all addresses, is decided by
// [Advertise].
//
// # Streams
//
// A stream carries frames ([WriteFrame], [FrameReader]) back and forth between
// two state machines, one on either side. A machine is a [Step], a function from
// a frame to its answer, and [Converse] drives it:
//
//	dialler                                acceptor
//	first ─────────── frame ─────────────► step
//	step  ◄────────── frame ────────────── reply
//	done  ─────────── frame ─────────────► step, done
//
// All streams of a node run in one pool, [Streams], which bounds their number,
// bytes and time:
//
//	socket, err := transport.Listen(ctx, transport.Config{Addr: "127.0.0.1:0"})
//	if err != nil {
//		return err
//	}
//	streams, err := transport.NewStreams(socket, transport.StreamsConfig{})
//	if err != nil {
//		return err
//	}
//	defer streams.Close() // closes socket, ends and awaits everything
//	go streams.Serve(func(s *transport.Stream) error {
//		return s.Converse(nil, func(frame []byte) ([]byte, bool, error) {
//			return frame, true, nil // echo one frame
//		})
//	})
//
// # Message channels
//
// [NewMessageChannel] and [NewRunnableMessageChannel] are a thing apart: a plain
// way for two programs to exchange JSON messages over TCP, beside the protocol
// and not needed by it. The one dials, the other listens; see [DialChannel] and
// [ListenChannel].
//
// # Limits
//
// What comes from the network is hostile. Each length is compared with its limit
// before anything is allocated, and a buffer grows as its bytes arrive, so that
// a length that lies costs its sender more than us. The number of streams, their
// bytes and their time are bounded, each by a constant named Default… that a
// config can change. Over the limit: the stream is closed, and counted.
//
// # Concurrency and ending
//
// All exported types are safe for concurrent use, except [FrameReader]. No
// goroutine runs that was not asked for, and none outlives the Close that its
// owner documents: [Streams.Close] waits for all streams,
// [ListenChannel.RunOnRcvData] for all handlers. Closing unblocks whoever waits.
// Errors that concern one packet or one peer never end a loop that serves
// others; they are counted in [Stats] and, when they keep coming, waited out.
//
// # Layers
//
// A packet on its way out is a plain message. Compression, checksum, encryption and
// cluster label wrap it between the node and the network, and come off in the opposite
// order on the way in: package seal does both, for each gossip version in its own way.
// It is neither a Transport around a Transport, since what comes off a packet can be
// a reason to count and not a packet, nor a connection around a connection, since
// memberlist has no framing that a reader of bytes could hide. For streams it is a
// [Framing], how messages follow each other, of which this package has the plain one
// ([Frames]); [ConverseIn] drives a conversation in any.
//
// # What it does not do
//
// It does not retry, order, acknowledge or authenticate packets, and does not
// keep connections open for later: SWIM needs none of the first, and its streams
// are rare.
package transport
