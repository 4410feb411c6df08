package swim_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
)

// tabler is a core on memberlist's wire, driven by hand.
type tabler struct {
	*swim.Core
	t     *testing.T
	codec *wirev1.Codec
	addr  netip.AddrPort
	now   time.Duration
}

func newTabler(t *testing.T, name string, change func(*swim.Config)) *tabler {
	t.Helper()
	addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, name[0]}), 7946)
	codec, err := wirev1.New(wirev1.Config{Name: name, Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	cfg := swim.Config{Name: name, Addr: addr, Codec: codec, Rand: rand.New(rand.NewPCG(1, uint64(name[0])))}
	if change != nil {
		change(&cfg)
	}
	core, err := swim.New(cfg, 0)
	if err != nil {
		t.Fatal(err)
	}
	return &tabler{Core: core, t: t, codec: codec, addr: addr}
}

// tells hands over a packet with messages, as from an address.
func (c *tabler) tells(from netip.AddrPort, messages ...swim.Message) {
	b := c.codec.BeginPacket(nil)
	var parts []int
	for i := range messages {
		parts = append(parts, len(b))
		b = c.codec.AppendMessage(b, &messages[i])
	}
	c.HandlePacket(c.now, from, c.codec.FinishPacket(b, 0, parts))
}

// said are the messages that it wants sent, and where to; whether a checksum may be
// around them, too.
func (c *tabler) said() (messages []swim.Message, to []netip.AddrPort, checked []bool) {
	c.t.Helper()
	var out swim.Batch
	c.TakePackets(&out)
	for i := range out.Len() {
		addr, b := out.At(i)
		rest, drop := c.codec.OpenPacket(b)
		if drop != swim.DropNone {
			c.t.Fatalf("it sends what is %v", drop)
		}
		for rest.Len() > 0 {
			var m swim.Message
			var ok bool
			if rest, ok = c.codec.NextMessage(rest, &m); !ok {
				c.t.Fatal("it sends what it cannot read")
			}
			messages, to, checked = append(messages, m), append(to, addr), append(checked, out.Checked(i))
		}
	}
	return messages, to, checked
}

// lapse lets time pass, and returns what is said meanwhile.
func (c *tabler) lapse(d time.Duration) (messages []swim.Message) {
	for until := c.now + d; ; {
		m, _, _ := c.said()
		messages = append(messages, m...)
		at, ok := c.NextDeadline()
		if !ok || at > until {
			c.now = until
			return messages
		}
		c.now = max(c.now, at)
		c.HandleTimeout(c.now)
	}
}

// alive is an alive claim of a member of whatever versions.
func alive(name string, incarnation swim.Incarnation, v swim.Versions) swim.Message {
	return swim.Message{
		Kind: swim.KindAlive, Name: []byte(name), Versions: v, Stamp: swim.Stamp{Incarnation: incarnation},
		Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, name[0]}), 7946),
	}
}

// tableFrame is one side of a push-pull.
func tableFrame(rows []swim.TableRow) *swim.Frame {
	return &swim.Frame{Kind: swim.FrameTable, Table: swim.Table{Len: len(rows), Rows: func(yield func(*swim.TableRow) bool) {
		for i := range rows {
			if !yield(&rows[i]) {
				return
			}
		}
	}}}
}

// trade makes one open a push-pull with another, and returns the errors of both.
func trade(opener, answerer *tabler, d swim.Dial) (opened, answered error) {
	id, frame, err := opener.Begin(opener.now, d)
	if err != nil {
		return err, nil
	}
	reply, done, answered := answerer.Step(answerer.now, answerer.Accept(answerer.now, netip.AddrPortFrom(opener.addr.Addr(), 40000)), frame)
	if !done {
		opener.t.Error("a table is not the last frame of who answers")
	}
	if reply == nil {
		opener.Abort(opener.now, id, errors.New("no answer"))
		return errors.New("no answer"), answered
	}
	_, _, opened = opener.Step(opener.now, id, reply)
	return opened, answered
}

// join makes one join another.
func join(joiner, seed *tabler) (joined, answered error) {
	joiner.Join(joiner.now, []netip.AddrPort{seed.addr})
	var dials []swim.Dial
	joiner.TakeDials(&dials)
	if len(dials) != 1 {
		joiner.t.Fatalf("%d dials", len(dials))
	}
	return trade(joiner, seed, dials[0])
}

// holds checks in which state a member is held.
func (c *tabler) holds(name string, want swim.State) {
	c.t.Helper()
	if m, ok := c.Member(name); !ok || m.State != want {
		c.t.Errorf("%s is held %v (%v), want %v", name, m.State, ok, want)
	}
}

func memberlist() swim.Versions { return swim.MemberlistVersions() }

func TestATableJoinsBothWays(t *testing.T) {
	a, b := newTabler(t, "a", nil), newTabler(t, "b", nil)
	if joined, answered := join(b, a); joined != nil || answered != nil {
		t.Fatal(joined, answered)
	}
	a.holds("b", swim.Alive)
	b.holds("a", swim.Alive)
	var events []swim.Event
	b.TakeEvents(&events)
	done := false
	for _, e := range events {
		done = done || e.Kind == swim.EventJoinDone && e.Err == nil
	}
	if !done {
		t.Errorf("the join is not done: %v", events)
	}
}

func TestADeathInATableIsASuspicionAndADepartureIsNot(t *testing.T) {
	a, b := newTabler(t, "a", func(c *swim.Config) { c.SuspicionMult = swim.Off }), newTabler(t, "b", nil)
	for _, c := range []*tabler{a, b} {
		c.tells(c.addr, alive("x", 3, memberlist()), alive("y", 3, memberlist()))
	}
	a.tells(b.addr,
		swim.Message{Kind: swim.KindDead, Name: []byte("x"), From: []byte("z"), Stamp: swim.Stamp{Incarnation: 3}},
		swim.Message{Kind: swim.KindDead, Name: []byte("y"), From: []byte("y"), Stamp: swim.Stamp{Incarnation: 3}})
	a.holds("x", swim.Dead)
	a.holds("y", swim.Left)
	if joined, answered := join(b, a); joined != nil || answered != nil {
		t.Fatal(joined, answered)
	}
	b.holds("x", swim.Suspect)
	b.holds("y", swim.Left)
}

func TestAnEntryOfAnImpossibleVersionIsPassedOver(t *testing.T) {
	for _, odd := range []swim.Versions{
		{},                 // not told
		{1, 5, 9, 0, 0, 0}, // speaks what it does not understand
		{6, 7, 6, 0, 0, 0}, // too new for us
		{1, 1, 1, 0, 0, 0}, // does not understand what we speak
		{5, 1, 2, 0, 0, 0}, // no range
		{1, 5, 2, 1, 1, 1}, // another application
	} {
		a, b := newTabler(t, "a", nil), newTabler(t, "b", nil)
		b.tells(a.addr, alive("x", 1, odd))
		if _, ok := b.Member("x"); ok {
			t.Errorf("%v: it is listed from gossip", odd)
		}
		if got := b.Stats().Drops[swim.DropProtocol]; got != 1 {
			t.Errorf("%v: counted %d times", odd, got)
		}
		frame := b.codec.AppendFrame(nil, tableFrame([]swim.TableRow{
			{Name: []byte("x"), Addr: alive("x", 1, odd).Addr, Stamp: swim.Stamp{Incarnation: 1}, Versions: odd},
			{Name: []byte("b"), Addr: b.addr, Stamp: swim.Stamp{Incarnation: 1}, Versions: memberlist()},
		}))
		if _, _, err := a.Step(0, a.Accept(0, b.addr), frame); err != nil {
			t.Errorf("%v: the table is refused: %v", odd, err)
		}
		a.holds("b", swim.Alive)
		if _, ok := a.Member("x"); ok {
			t.Errorf("%v: it is listed from a table", odd)
		}
	}
}

func TestAPeerOfAnImpossibleVersionIsRefused(t *testing.T) {
	a := newTabler(t, "a", nil)
	b := newTabler(t, "b", func(c *swim.Config) { c.Versions = swim.Versions{6, 7, 6, 0, 0, 0} })
	joined, answered := join(b, a)
	for _, err := range []error{joined, answered} {
		if !errors.Is(err, swim.ErrProtocolMismatch) || !strings.Contains(err.Error(), `ours`) {
			t.Errorf("the error is %v", err)
		}
	}
	if a.Alive() != 1 || b.Alive() != 1 {
		t.Error("they have met")
	}
}

func TestWhoIsNotAdmittedIsNotListed(t *testing.T) {
	vet := func(ours string) func(*swim.Config) {
		return func(c *swim.Config) {
			c.Meta = []byte(ours)
			c.Vet = func(name string, meta []byte) *swim.Refusal {
				if string(meta) == ours {
					return nil
				}
				return &swim.Refusal{Reason: swim.RefusedCluster, Ours: ours, Theirs: string(meta), Name: name}
			}
		}
	}
	a, b := newTabler(t, "a", vet("red")), newTabler(t, "b", vet("blue"))
	joined, answered := join(b, a)
	for _, tc := range []struct {
		err          error
		ours, theirs string
	}{{joined, "blue", "red"}, {answered, "red", "blue"}} {
		var refused *swim.RefusedError
		if !errors.As(tc.err, &refused) || !refused.ByUs || refused.Ours != tc.ours || refused.Theirs != tc.theirs {
			t.Errorf("the error is %v", tc.err)
		} else if want := `ours "` + tc.ours + `", theirs "` + tc.theirs + `"`; !strings.Contains(tc.err.Error(), want) {
			t.Errorf("the error %q does not say %s", tc.err, want)
		}
	}
	a.tells(b.addr, alive("x", 1, memberlist()))
	if a.Alive() != 1 || a.Stats().Drops[swim.DropCluster] < 2 {
		t.Errorf("%d members, %d counted", a.Alive(), a.Stats().Drops[swim.DropCluster])
	}
}

// Features follow what the peer says that it understands at most, not what it speaks.
func TestWhatIsAskedOfAMemberFollowsItsVersions(t *testing.T) {
	for max := byte(2); max <= 6; max++ {
		a := newTabler(t, "a", func(c *swim.Config) { c.GossipInterval, c.ProbeRetries = swim.Off, swim.Off })
		v := swim.Versions{1, max, 2, 0, 0, 0}
		a.tells(a.addr, alive("x", 1, v), alive("y", 1, v), alive("z", 1, v))
		a.HandleTimeout(time.Second)
		a.now = time.Second
		_, _, checked := a.said()
		for _, c := range checked {
			if c != (max >= 5) {
				t.Errorf("maximum %d: checksum %v", max, c)
			}
		}
		asked := 0
		for _, m := range a.lapse(600 * time.Millisecond) {
			if m.Kind == swim.KindPingReq {
				asked++
				if m.WantNack != (max >= 4) {
					t.Errorf("maximum %d: a nack is asked for: %v", max, m.WantNack)
				}
			}
		}
		if asked == 0 {
			t.Fatal("nobody was asked")
		}
		var dials []swim.Dial
		a.TakeDials(&dials)
		if (len(dials) > 0) != (max >= 3) {
			t.Errorf("maximum %d: %d stream pings", max, len(dials))
		}
		a.lapse(5 * time.Second)
		// Without nacks to miss, each failed probe costs one.
		if h := a.Health(); h == 0 {
			t.Errorf("maximum %d: nobody answers, and the health is 0", max)
		}
	}
}

func TestAnswersGoWhereAPingSays(t *testing.T) {
	a, b := newTabler(t, "a", nil), newTabler(t, "b", nil)
	join(b, a)
	a.said()
	behind := netip.MustParseAddrPort("10.9.9.9:5")
	packet := b.codec.AppendMessage(b.codec.BeginPacket(nil), &swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("a")})
	a.HandlePacket(0, behind, b.codec.FinishPacket(packet, 0, []int{0}))
	messages, to, _ := a.said()
	if len(messages) == 0 || messages[0].Kind != swim.KindAck || messages[0].Seq != 7 || to[0] != b.addr {
		t.Errorf("%v to %v, want the ack to %v", messages, to, b.addr)
	}
}

func TestADepartureIsSentItsFullCountAndPingsAreStillAnswered(t *testing.T) {
	a, b := newTabler(t, "a", func(c *swim.Config) { c.ProbeInterval = swim.Off }), newTabler(t, "b", nil)
	join(b, a)
	a.lapse(5 * time.Second)
	a.Leave(a.now)
	a.tells(b.addr, swim.Message{Kind: swim.KindPing, Seq: 9, Name: []byte("a")})
	said := a.lapse(10 * time.Second)
	sent, acked := 0, false
	for _, m := range said {
		if m.Kind == swim.KindDead && string(m.Name) == "a" && string(m.From) == "a" {
			sent++
		}
		acked = acked || m.Kind == swim.KindAck && m.Seq == 9
	}
	if want := a.Stats().RetransmitLimit; sent < want || !acked {
		t.Errorf("sent %d times, want %d; the ping is acked: %v", sent, want, acked)
	}
	var events []swim.Event
	a.TakeEvents(&events)
	if !hasKind(events, swim.EventLeaveAcked) {
		t.Errorf("no end of it: %v", events)
	}
}

func hasKind(events []swim.Event, k swim.EventKind) bool {
	for _, e := range events {
		if e.Kind == k {
			return true
		}
	}
	return false
}

// This wire has nothing above the highest incarnation: an accusation at that cannot be
// refuted. The member stays where it is, and does not begin at 0 again, which nobody
// would believe.
func TestTheHighestIncarnationIsTheEndOfRefuting(t *testing.T) {
	a := newTabler(t, "a", nil)
	const highest = 1<<32 - 1
	a.tells(a.addr, swim.Message{Kind: swim.KindSuspect, Name: []byte("a"), From: []byte("z"), Stamp: swim.Stamp{Incarnation: highest - 1}})
	if got := a.Self().Incarnation; got != highest {
		t.Fatalf("incarnation %d", got)
	}
	a.tells(a.addr, swim.Message{Kind: swim.KindSuspect, Name: []byte("a"), From: []byte("z"), Stamp: swim.Stamp{Incarnation: highest}})
	if got := a.Self().Incarnation; got != highest {
		t.Errorf("incarnation %d", got)
	}
}

func TestAPeerThatCouldNotReadSaysWhy(t *testing.T) {
	a := newTabler(t, "a", nil)
	id, _, err := a.Begin(0, swim.Dial{Kind: swim.DialPushPull, Addr: netip.MustParseAddrPort("10.0.0.1:1")})
	if err != nil {
		t.Fatal(err)
	}
	frame := a.codec.AppendFrame(nil, &swim.Frame{Kind: swim.FrameError, Text: "remote state is encrypted"})
	if _, done, err := a.Step(0, id, frame); !done || !errors.Is(err, swim.ErrPeerError) || !strings.Contains(err.Error(), "is encrypted") {
		t.Errorf("done %v, error %v", done, err)
	}
}

func TestWhatApplicationsSendEachOtherIsPassedOver(t *testing.T) {
	a := newTabler(t, "a", nil)
	frame := a.codec.AppendFrame(nil, &swim.Frame{Kind: swim.FrameUser, State: []byte("hello")})
	if reply, done, err := a.Step(0, a.Accept(0, a.addr), frame); reply != nil || !done || err != nil {
		t.Errorf("reply %v, done %v, error %v", reply, done, err)
	}
	a.tells(a.addr, swim.Message{Kind: swim.KindUser, Body: []byte("hello")})
	if s := a.Stats(); s.MessagesIn[swim.KindUser] != 1 || s.Drops != [swim.NumDrops]uint64{} {
		t.Errorf("%d messages, drops %v", s.MessagesIn[swim.KindUser], s.Drops)
	}
}

// To memberlist, the two forms of an IPv4 address are two addresses. What is told
// keeps its form; where a packet comes from has only one.
func TestAnAddressKeepsTheFormInWhichItWasTold(t *testing.T) {
	a := newTabler(t, "a", nil)
	mapped := netip.MustParseAddrPort("[::ffff:10.0.0.120]:7946")
	x := alive("x", 1, memberlist())
	x.Addr = mapped
	a.tells(a.addr, x)
	if m, _ := a.Member("x"); m.Addr != mapped {
		t.Errorf("it lives at %v", m.Addr)
	}
	before := a.now
	a.now += 7 * time.Second
	a.tells(alive("x", 1, memberlist()).Addr, swim.Message{Kind: swim.KindAck, Seq: 1})
	if m, _ := a.Member("x"); m.Heard <= before {
		t.Errorf("heard at %v", m.Heard)
	}
	x.Addr, x.Stamp.Incarnation = alive("x", 1, memberlist()).Addr, 2
	a.tells(a.addr, x)
	if m, _ := a.Member("x"); m.Addr != mapped || a.Stats().Drops[swim.DropConflict] != 1 {
		t.Errorf("it lives at %v, %d conflicts", m.Addr, a.Stats().Drops[swim.DropConflict])
	}
	passedOn := false
	for _, m := range a.lapse(time.Second) {
		passedOn = passedOn || m.Kind == swim.KindAlive && string(m.Name) == "x" && m.Addr == mapped && m.Versions == memberlist()
	}
	if !passedOn {
		t.Error("the claim was not passed on as it was told")
	}
}

// A member that restarts at another address is a stranger there, and its claim to be
// alive is old. Its ping tells who it is, so it is told what is held of it, and refutes.
func TestWhoIsHeldDeadIsToldSoWhenItPingsFromElsewhere(t *testing.T) {
	a := newTabler(t, "a", func(c *swim.Config) { c.SuspicionMult = swim.Off })
	a.tells(a.addr, alive("x", 3, memberlist()))
	a.tells(a.addr, swim.Message{Kind: swim.KindDead, Name: []byte("x"), From: []byte("z"), Stamp: swim.Stamp{Incarnation: 3}})
	a.holds("x", swim.Dead)
	a.said()
	at := netip.MustParseAddrPort("10.0.0.200:7946")
	codec, err := wirev1.New(wirev1.Config{Name: "x", Addr: at})
	if err != nil {
		t.Fatal(err)
	}
	b := codec.AppendMessage(nil, &swim.Message{Kind: swim.KindPing, Seq: 7, Name: []byte("a")})
	a.HandlePacket(0, at, b)
	said, to, _ := a.said()
	if len(said) != 2 || said[0].Kind != swim.KindDead || string(said[0].Name) != "x" || said[1].Kind != swim.KindAck || to[1] != at {
		t.Errorf("it says %+v to %v", said, to)
	}
}

func TestATableIsWrittenIntoRoomThatIsLent(t *testing.T) {
	a, b := newTabler(t, "a", nil), newTabler(t, "b", nil)
	dial := swim.Dial{Kind: swim.DialPushPull, Addr: b.addr}
	_, want, err := a.Begin(0, dial)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		room []byte
		used bool
	}{{make([]byte, 7, 4096), true}, {make([]byte, 0, len(want)-1), false}, {nil, false}} {
		a.Lend(c.room)
		_, frame, err := a.Begin(0, dial)
		if err != nil || !bytes.Equal(frame, want) {
			t.Fatalf("with room for %d: %x, %v", cap(c.room), frame, err)
		}
		if used := cap(c.room) > 0 && &frame[0] == &c.room[:1][0]; used != c.used {
			t.Errorf("room for %d bytes is used: %v", cap(c.room), used)
		}
	}
	a.Lend(nil)
	_, first, _ := a.Begin(0, dial)
	_, second, _ := a.Begin(0, dial)
	if &first[0] == &second[0] {
		t.Error("two frames are in one place, and nothing was lent")
	}
}
