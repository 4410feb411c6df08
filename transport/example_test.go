package transport_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

// Two nodes in memory exchange a packet, as they would over UDP.
func ExampleNetwork() {
	network := transport.NewNetwork()
	a, err := network.Listen("10.0.0.1:7000")
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := network.Listen("10.0.0.2:7000")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	defer b.Close()

	// A one-way cut: what b sends to a is lost.
	network.Sever(func(from, to netip.AddrPort) bool { return from == b.LocalAddr() && to == a.LocalAddr() })
	_ = a.WritePacket([]byte("ping"), b.LocalAddr())
	_ = b.WritePacket([]byte("ack"), a.LocalAddr())

	buf := make([]byte, transport.PacketBuffer)
	n, from, err := b.ReadPacket(buf)
	fmt.Printf("%s from %v, %v\n", buf[:n], from, err)
	// Output: ping from 10.0.0.1:7000, <nil>
}

// A conversation between two nodes on one stream, in frames.
func ExampleStreams() {
	serve := func(s *transport.Stream) error {
		return s.Converse(nil, func(frame []byte) ([]byte, bool, error) {
			return append([]byte("you said "), frame...), true, nil
		})
	}
	ask := func(s *transport.Stream) error {
		return s.Converse([]byte("hello"), func(frame []byte) ([]byte, bool, error) {
			fmt.Printf("%s\n", frame)
			return nil, true, nil
		})
	}

	ctx := context.Background()
	socket, err := transport.Listen(ctx, transport.Config{Addr: "127.0.0.1:0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	streams, err := transport.NewStreams(socket, transport.StreamsConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- streams.Serve(serve) }()

	if err := streams.Open(ctx, socket.LocalAddr(), ask); err != nil {
		fmt.Println(err)
	}
	fmt.Println(streams.Close(), <-served)
	// Output:
	// you said hello
	// <nil> <nil>
}

// One program asks another.
func ExampleNewListenChannel() {
	server := transport.NewListenChannel("127.0.0.1:0", func(peerid string, c types.MessageChannel) {
		var question string
		if err := c.RcvData(&question); err != nil {
			return
		}
		_ = c.SendData(map[string]any{"question": question, "answer": 42})
	}, transport.MessageConfig{})
	go server.RunOnRcvData(5 * time.Second)
	<-server.Ready()
	if err := server.Err(); err != nil {
		fmt.Println(err)
		return
	}

	client := transport.NewMessageChannel(server.Addr().String())
	var answer struct{ Answer int }
	if err := client.SendData("life, the universe and everything"); err != nil {
		fmt.Println(err)
	}
	if err := client.RcvData(&answer); err != nil {
		fmt.Println(err)
	}
	fmt.Println(answer.Answer)

	client.Close()
	server.Close()
	<-server.Done() // every handler has returned
	// Output: 42
}
