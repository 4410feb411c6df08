package swim_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// newMember is a core with what it needs at least.
func newMember(name, addr string, seed uint64) *swim.Core {
	codec, err := wirev2.New("example", "v2")
	if err != nil {
		panic(err)
	}
	core, err := swim.New(swim.Config{
		Name: name, Addr: netip.MustParseAddrPort(addr), ClusterID: "example", Version: "v2",
		Codec: codec, Rand: rand.New(rand.NewPCG(seed, 0)),
		Life: swim.Life{Generation: 1, Boot: 1},
	}, 0)
	if err != nil {
		panic(err)
	}
	return core
}

// Two members meet: one joins through the other. Here the frames of the stream that
// it wants are handed over by hand, and time stands still.
func Example() {
	ann := newMember("ann", "10.0.0.1:7946", 1)
	ben := newMember("ben", "10.0.0.2:7946", 2)

	ben.Join(0, []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:7946")})
	var dials []swim.Dial
	ben.TakeDials(&dials)

	// The stream is open: frames go back and forth until both sides are done.
	id, frame, err := ben.Begin(0, dials[0])
	if err != nil {
		fmt.Println(err)
		return
	}
	peer := ann.Accept(0, netip.MustParseAddrPort("10.0.0.2:7946"))
	for frame != nil {
		reply, _, err := ann.Step(0, peer, frame)
		if err != nil {
			fmt.Println(err)
			return
		}
		if frame, _, err = ben.Step(0, id, reply); err != nil {
			fmt.Println(err)
			return
		}
	}
	for m := range ann.Members() {
		fmt.Println("ann holds", m.Name, m.State)
	}
	for m := range ben.Members() {
		fmt.Println("ben holds", m.Name, m.State)
	}
	// Output:
	// ann holds ann alive
	// ann holds ben alive
	// ben holds ben alive
	// ben holds ann alive
}

// A member that answers nobody is suspected at the end of a protocol period, and
// dead when it has not refuted in time. Nothing here takes real time.
func ExampleCore_HandleTimeout() {
	ann := newMember("ann", "10.0.0.1:7946", 1)
	codec, err := wirev2.New("example", "v2")
	if err != nil {
		fmt.Println(err)
		return
	}
	ben := swim.Message{
		Kind: swim.KindAlive, Name: []byte("ben"), Addr: netip.MustParseAddrPort("10.0.0.2:7946"),
		Stamp: swim.Stamp{Life: swim.Life{Generation: 1, Boot: 1}, Incarnation: 1},
	}
	ann.HandlePacket(0, ben.Addr, codec.AppendMessage(codec.BeginPacket(nil), &ben))

	var batch swim.Batch
	var events []swim.Event
	for {
		ann.TakePackets(&batch) // and drop them: ben is not there
		ann.TakeEvents(&events)
		for _, e := range events {
			if e.Kind == swim.EventCutOff {
				continue // it hears from nobody, so it keeps what follows to itself
			}
			fmt.Println(e.At.Round(time.Second), e.Kind, e.Name)
			if e.Kind == swim.EventFailed {
				return
			}
		}
		at, _ := ann.NextDeadline()
		ann.HandleTimeout(at)
	}
	// Output:
	// 0s joined ben
	// 1s suspected ben
	// 5s failed ben
}

// The time that a suspect has to refute, by the number of confirmations, among 64
// members at LAN's defaults.
func ExampleSuspicionTimeout() {
	for confirmations := range 4 {
		fmt.Println(confirmations, swim.SuspicionTimeout(4, 6, 64, time.Second, confirmations, 3))
	}
	// Output:
	// 0 43.348s
	// 1 25.287s
	// 2 14.721s
	// 3 7.225s
}

// A refusal is a typed error with the values of both sides.
func ExampleRefusedError() {
	var err error = &swim.RefusedError{
		Refusal: swim.Refusal{Reason: swim.RefusedCluster, Ours: "blue", Theirs: "green", Name: "ann"},
		Peer:    "10.0.0.1:7946",
	}
	fmt.Println(err)
	// Output:
	// cluster id mismatch with 10.0.0.1:7946 (node ann): ours "green", theirs "blue"
}
