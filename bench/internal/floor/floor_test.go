package floor

import (
	"bytes"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
)

// memberlists are packets as memberlist writes them: a ping, and gossip of 20.
func memberlists(t *testing.T) (codec *wirev1.Codec, ping, gossip []byte) {
	codec, err := wirev1.New(wirev1.Config{Name: "feeder", Addr: netip.MustParseAddrPort("10.0.0.1:7946")})
	if err != nil {
		t.Fatal(err)
	}
	ping = codec.AppendMessage(nil, &swim.Message{Kind: swim.KindPing, Seq: 70000, Name: []byte("node")})
	var parts []int
	for i := range 20 {
		parts = append(parts, len(gossip))
		gossip = codec.AppendMessage(gossip, &swim.Message{
			Kind: swim.KindAlive, Name: fmt.Append(nil, "node-", i), Addr: netip.MustParseAddrPort("10.0.0.1:7946"),
			Stamp: swim.Stamp{Incarnation: 300}, Meta: make([]byte, 32), Versions: swim.MemberlistVersions(),
		})
	}
	return codec, ping, codec.FinishPacket(gossip, 0, parts)
}

func TestTheFloorAnswersAPing(t *testing.T) {
	codec, ping, _ := memberlists(t)
	messages, drop := codec.OpenPacket(Answer(nil, ping))
	var m swim.Message
	if _, ok := codec.NextMessage(messages, &m); drop != swim.DropNone || !ok || m.Kind != swim.KindAck || m.Seq != 70000 {
		t.Errorf("the answer is %+v, %v", m, drop)
	}
	for i := range ping {
		if Answer(nil, ping[:i]) != nil {
			t.Errorf("it answers the first %d bytes of %d", i, len(ping))
		}
	}
}

func TestTheFloorLearnsOfMembersOnce(t *testing.T) {
	_, _, gossip := memberlists(t)
	table := Table{}
	if first, again := table.Learn(gossip), table.Learn(gossip); first != 20 || again != 0 || len(table) != 20 || table["node-7"] != 300 {
		t.Errorf("%d, then %d news: %v", first, again, table)
	}
	for i := range gossip {
		if got := (Table{}).Learn(gossip[:i]); got != -1 {
			t.Errorf("it learns %d from the first %d bytes of %d", got, i, len(gossip))
		}
	}
}

func TestTheFloorDoesNotAllocate(t *testing.T) {
	_, ping, gossip := memberlists(t)
	out, table := make([]byte, 0, 64), Table{}
	table.Learn(gossip)
	if allocs := testing.AllocsPerRun(100, func() { Answer(out, ping); table.Learn(gossip) }); allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestTheFloorTakesInNewerValuesOnly(t *testing.T) {
	message := func(version uint32, value string) []byte {
		return AppendValues(nil, version, [][2]string{{"a", value}, {"b", "x"}})
	}
	var v Values
	if !v.Learn(message(2, "two")) || v.Learn(message(2, "new")) || v.Learn(message(1, "old")) {
		t.Error("it takes in what is not newer, or refuses what is")
	}
	if got := string(v.held["a"]); got != "two" {
		t.Errorf("a is %q", got)
	}
	if !v.Learn(message(3, "six")) || string(v.held["a"]) != "six" || string(v.held["b"]) != "x" {
		t.Errorf("it holds %q", v.held)
	}
	next := message(9, "ten")
	for i := range next {
		if v.Learn(next[:i]) {
			t.Errorf("it takes in the first %d bytes of %d", i, len(next))
		}
	}
}

func TestABoxOpensWhatAnotherOneSeals(t *testing.T) {
	_, ping, _ := memberlists(t)
	for _, key := range [][]byte{nil, make([]byte, 16)} {
		near, err := NewBox(key)
		if err != nil {
			t.Fatal(err)
		}
		far, err := NewBox(key)
		if err != nil {
			t.Fatal(err)
		}
		packet := near.Seal(nil, ping)
		answer := far.Answer(nil, far.Open(packet))
		if got := near.Open(answer); !bytes.Equal(got, Answer(nil, ping)) {
			t.Errorf("the answer is %x", got)
		}
		if packet[len(packet)-1] ^= 1; key != nil && far.Open(packet) != nil {
			t.Error("a changed packet is opened")
		}
		out := make([]byte, 0, 256)
		if allocs := testing.AllocsPerRun(100, func() { near.Seal(out, ping) }); allocs != 0 {
			t.Errorf("%v allocations", allocs)
		}
	}
}

func TestBareSocketsAreProbedOnceAPeriod(t *testing.T) {
	_, ping, _ := memberlists(t)
	var sockets []*Socket
	for range 4 {
		s, err := Open(nil)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		sockets = append(sockets, s)
	}
	if err := Probe(sockets, ping, 20*time.Millisecond, 100*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(5 * time.Second); ; <-time.After(time.Millisecond) {
		acks := int64(0)
		for _, s := range sockets {
			acks += s.Acks()
		}
		if acks >= 8 { // of about 20; a busy machine may be late at the end
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d acks", acks)
		}
	}
}
