package wirev2_test

import (
	"fmt"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// A ping and the news that rides on it, from one member to another.
func Example() {
	codec, err := wirev2.New("shoal", "v2")
	if err != nil {
		fmt.Println(err)
		return
	}

	b := codec.BeginPacket(nil)
	b = codec.AppendMessage(b, &swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("seahorse")})
	b = codec.AppendMessage(b, &swim.Message{
		Kind: swim.KindSuspect, Name: []byte("stingray"), From: []byte("barnacle"),
		Stamp: swim.Stamp{Life: swim.Life{Generation: 3, Boot: 1767225600000}, Incarnation: 1},
	})
	fmt.Printf("%d bytes: % x …\n", len(b), b[:9])

	messages, drop := codec.OpenPacket(b)
	var m swim.Message
	for ok := drop == swim.DropNone; ok && messages.Len() > 0; {
		if messages, ok = codec.NextMessage(messages, &m); ok {
			fmt.Printf("%s %s\n", m.Kind, m.Name)
		}
	}

	// The packet means nothing to members of other clusters.
	other, err := wirev2.New("pod", "v2")
	if err != nil {
		fmt.Println(err)
		return
	}
	_, drop = other.OpenPacket(b)
	fmt.Println(drop)

	// Output:
	// 48 bytes: ce 45 54 d2 92 93 01 07 a8 …
	// ping seahorse
	// suspect stingray
	// cluster_mismatch
}
