package virtual_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/nekton-go/nekton/sim/virtual"
	"github.com/nekton-go/nekton/swim"
)

// A parrot is a machine that notes what happens to it, and does what it is told: it
// sends and dials when its owner says so, ticks at an interval, and talks on streams
// for a number of frames.
type parrot struct {
	t       *testing.T
	host    *virtual.Host
	log     []note
	tick    time.Duration // interval of its timer; 0: none
	next    time.Duration
	chatty  bool // sends a datagram at every tick
	friend  netip.AddrPort
	frames  int // that it answers on a stream before it is done
	packets []packet
	dials   []virtual.Dial
	talks   map[swim.ExchangeID]int
	ids     swim.ExchangeID
	judge   time.Duration // when its suspicion runs out; 0: none
	late    time.Duration // how late its worst tick was
}

type note struct {
	at   time.Duration
	what string
}

type packet struct {
	to    netip.AddrPort
	bytes []byte
}

func address(n byte) netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, n}), 1)
}

// aviary is a world of parrots at addresses 1, 2 …
func aviary(t *testing.T, seed uint64, count int) (*virtual.World, []*parrot) {
	t.Helper()
	w := virtual.New(seed)
	w.Net.Link = virtual.Link{Delay: virtual.Constant(time.Millisecond)}
	birds := make([]*parrot, count)
	for i := range birds {
		birds[i] = hatch(t, w, byte(i+1))
	}
	return w, birds
}

func hatch(t *testing.T, w *virtual.World, n byte) *parrot {
	t.Helper()
	p := &parrot{t: t, talks: map[swim.ExchangeID]int{}}
	h, err := w.Add(address(n), p)
	if err != nil {
		t.Fatal(err)
	}
	p.host = h
	return p
}

func (p *parrot) note(now time.Duration, format string, args ...any) {
	p.log = append(p.log, note{now, fmt.Sprintf(format, args...)})
}

// said is what happened, without when.
func (p *parrot) said() []string {
	var out []string
	for _, n := range p.log {
		out = append(out, n.what)
	}
	return out
}

// say sends a datagram.
func (p *parrot) say(to *parrot, what string) {
	p.host.Do(func(time.Duration) { p.packets = append(p.packets, packet{to.host.Addr(), []byte(what)}) })
}

// call opens a stream.
func (p *parrot) call(to netip.AddrPort, kind swim.DialKind) {
	p.host.Do(func(time.Duration) { p.dials = append(p.dials, virtual.Dial{Kind: kind, Addr: to}) })
}

// every starts its timer.
func (p *parrot) every(d time.Duration) {
	p.host.Do(func(now time.Duration) { p.tick, p.next = d, now+d })
}

func (p *parrot) SetWall(time.Duration, time.Time) {}

func (p *parrot) HandlePacket(now time.Duration, from netip.AddrPort, b []byte) {
	p.note(now, "%d: %s", from.Addr().As4()[3], b)
}

func (p *parrot) HandleTimeout(now time.Duration) {
	for p.tick > 0 && p.next <= now {
		p.late = max(p.late, now-p.next)
		p.note(now, "tick")
		p.next += p.tick
		if p.chatty {
			p.packets = append(p.packets, packet{p.friend, []byte("tick")})
		}
	}
}

func (p *parrot) NextDeadline() (time.Duration, bool) { return p.next, p.tick > 0 }

func (p *parrot) HandleSuspicionTimeout(now time.Duration) {
	if p.judge > 0 && p.judge <= now {
		p.note(now, "judged")
		p.judge = 0
	}
}

func (p *parrot) NextSuspicion() (time.Duration, bool) { return p.judge, p.judge > 0 }

// TakePackets goes through a core's batch, which is all that can fill one.
func (p *parrot) TakePackets(out *swim.Batch) bool {
	out.Reset()
	for _, q := range p.packets {
		out.Append(q.to, q.bytes)
	}
	p.packets = p.packets[:0]
	return out.Len() > 0
}

func (p *parrot) TakeDials(out *[]virtual.Dial) bool {
	p.dials, *out = (*out)[:0], p.dials
	return len(*out) > 0
}

func (p *parrot) HandleDialError(now time.Duration, _ virtual.Dial, err error) {
	p.note(now, "dial error: %v", err)
}

func (p *parrot) Begin(now time.Duration, _ virtual.Dial) (swim.ExchangeID, []byte, error) {
	p.ids++
	p.note(now, "begin")
	return p.ids, []byte("frame 1"), nil
}

func (p *parrot) Accept(now time.Duration, from netip.AddrPort) (swim.ExchangeID, error) {
	p.ids++
	p.note(now, "accept from %d", from.Addr().As4()[3])
	return p.ids, nil
}

func (p *parrot) Step(now time.Duration, id swim.ExchangeID, frame []byte) ([]byte, bool, error) {
	p.note(now, "%s", frame)
	p.talks[id]++
	switch {
	case p.talks[id] < p.frames:
		return []byte(fmt.Sprintf("frame %d", p.talks[id]+1)), false, nil
	case p.talks[id] == p.frames:
		return []byte("last frame"), true, nil
	}
	return nil, true, nil
}

func (p *parrot) Abort(now time.Duration, _ swim.ExchangeID, err error) {
	p.note(now, "abort: %v", err)
}
