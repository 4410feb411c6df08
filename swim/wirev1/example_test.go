package wirev1_test

import (
	"fmt"
	"net/netip"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
)

// A packet with two messages, written by one member and read by another.
func Example() {
	barnacle, err := wirev1.New(wirev1.Config{Name: "barnacle", Addr: netip.MustParseAddrPort("10.0.0.7:7946")})
	if err != nil {
		fmt.Println(err)
		return
	}
	b := barnacle.BeginPacket(nil)
	parts := []int{len(b)}
	b = barnacle.AppendMessage(b, &swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("seahorse")})
	parts = append(parts, len(b))
	b = barnacle.AppendMessage(b, &swim.Message{Kind: swim.KindSuspect, Name: []byte("starfish"), From: []byte("barnacle")})
	b = barnacle.FinishPacket(b, 0, parts)

	seahorse, err := wirev1.New(wirev1.Config{Name: "seahorse"})
	if err != nil {
		fmt.Println(err)
		return
	}
	messages, drop := seahorse.OpenPacket(b)
	for drop == swim.DropNone && messages.Len() > 0 {
		var m swim.Message
		var ok bool
		if messages, ok = seahorse.NextMessage(messages, &m); ok {
			fmt.Printf("%v %s, answer to %v\n", m.Kind, m.Name, m.ReplyTo)
		}
	}
	// Output:
	// ping seahorse, answer to 10.0.0.7:7946
	// suspect starfish, answer to invalid AddrPort
}
