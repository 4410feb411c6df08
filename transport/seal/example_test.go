package seal_test

import (
	"fmt"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport/seal"
)

// A key is rotated while packets are on their way: each step on all nodes, before the
// next begins.
func ExampleKeyring() {
	old, fresh := []byte("0123456789abcdef"), []byte("fedcba9876543210")
	var layers [2]seal.Layer
	var rings [2]*seal.Keyring
	for i := range rings {
		ring, err := seal.NewKeyring(old)
		if err != nil {
			fmt.Println(err)
			return
		}
		layer, err := seal.V2(seal.Config{Keyring: ring})
		if err != nil {
			fmt.Println(err)
			return
		}
		rings[i], layers[i] = ring, layer
	}
	for _, step := range []struct {
		name string
		do   func(*seal.Keyring) error
	}{
		{"add", func(k *seal.Keyring) error { return k.AddKey(fresh) }},
		{"use", func(k *seal.Keyring) error { return k.UseKey(fresh) }},
		{"remove", func(k *seal.Keyring) error { return k.RemoveKey(old) }},
	} {
		for i, ring := range rings {
			if err := step.do(ring); err != nil {
				fmt.Println(err)
				return
			}
			var out, in seal.Buffers
			packet := layers[0].Seal(&out, []byte("\xcehello"), false)
			message, drop := layers[1].Open(&in, packet)
			fmt.Printf("%s on node %d: %q, dropped: %v\n", step.name, i+1, message[1:], drop != swim.DropNone)
		}
	}
	fmt.Println(rings[0])
	// Output:
	// add on node 1: "hello", dropped: false
	// add on node 2: "hello", dropped: false
	// use on node 1: "hello", dropped: false
	// use on node 2: "hello", dropped: false
	// remove on node 1: "hello", dropped: false
	// remove on node 2: "hello", dropped: false
	// keyring of 1 key, encryption required
}
