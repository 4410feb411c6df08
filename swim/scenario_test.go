package swim_test

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev2"
)

// The files of testdata are stories: a few commands and what comes of them. They
// are run on real cores on a virtual clock, and rewritten by
//
//	go test ./swim -run Scenarios -rewrite
//
// Commands, one story a file:
//
//	cluster a b c [key=value …]   boot and join; keys: seed, delay, and those of setKey
//	boot x [at=N] [key=value …]   boot one node at address 10.0.0.N, alone
//	join x seeds=(a,b,10.0.0.9)   join through others, dead or alive
//	crash x                       end it without a word
//	restart x [seeds=(a)] [at=N]  crash, if need be, and boot anew; keys as boot
//	zombie x as=y [at=N] …        boot a new x elsewhere; the old one goes on as y
//	pause x · resume x            freeze a process, and let it go on
//	cut a->b · cut a<->b          cut links; cut a,b|c,d cuts a group in two
//	heal                          join all links
//	loss 10                       lose this percentage of packets
//	leave x · publish x           what the owner of a node does
//	accuse x by=a at=N [boot=+1]  a forged suspicion of x at incarnation N, to x
//	run 5s [packets]              let time pass; tell events, and packets
//	until 30s agreed              … until all see the running ones, and only those
//	until 30s a: b dead           … until a holds b so
//	views                         who holds whom for what, at which incarnation
//	health                        local health of each, those at 0 left out
//	state x y                     the riding state of y at x
//	stats x key …                 counters of a node
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &stage{links: map[[2]string]bool{}}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return s.run(t, d)
		})
	})
}

// stage is where a story is played.
type stage struct {
	t      *testing.T
	cl     *cluster
	links  map[[2]string]bool // that are cut
	start  time.Duration
	out    strings.Builder
	keys   []datadriven.CmdArg
	number int
	quiet  bool
	verify bool // packets are told
	names  map[netip.AddrPort]string
}

func (s *stage) tell(format string, args ...any) {
	if !s.quiet {
		fmt.Fprintf(&s.out, "%7.3f  %s\n", (s.cl.now - s.start).Seconds(), fmt.Sprintf(format, args...))
	}
}

func (s *stage) run(t *testing.T, d *datadriven.TestData) string {
	s.t = t
	s.out.Reset()
	if s.cl != nil {
		s.cl.t = t
	}
	var names []string
	keys := map[string]datadriven.CmdArg{}
	for _, a := range d.CmdArgs {
		if len(a.Vals) == 0 {
			names = append(names, a.Key)
		} else {
			keys[a.Key] = a
		}
	}
	value := func(key, otherwise string) string {
		if a, ok := keys[key]; ok {
			return a.Vals[0]
		}
		return otherwise
	}
	integer := func(v string) int {
		n, err := strconv.Atoi(v)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		return n
	}
	duration := func(v string) time.Duration {
		n, err := time.ParseDuration(v)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		return n
	}
	node := func() *process {
		p := s.cl.nodes[names[0]]
		if p == nil {
			d.Fatalf(t, "no node %q", names[0])
		}
		return p
	}
	switch d.Cmd {
	case "cluster":
		s.open(names, d.CmdArgs, uint64(integer(value("seed", "1"))), duration(value("delay", "1ms")))
	case "boot":
		s.boot(names[0], integer(value("at", "0")), d.CmdArgs)
	case "join":
		s.join(node(), keys["seeds"].Vals)
	case "crash":
		s.cl.crash(node())
	case "restart":
		old := node()
		s.cl.crash(old)
		p := s.boot(names[0], integer(value("at", strconv.Itoa(int(old.addr.Addr().As4()[3])))), d.CmdArgs)
		if a, ok := keys["seeds"]; ok {
			s.join(p, a.Vals)
		}
	case "zombie":
		old, as := node(), value("as", "")
		old.name = as
		s.cl.nodes[as], s.cl.order = old, append(s.cl.order, as)
		p := s.boot(names[0], integer(value("at", "0")), d.CmdArgs)
		s.join(p, keys["seeds"].Vals)
	case "pause":
		s.cl.pause(node())
	case "resume":
		s.cl.resume(node())
	case "cut":
		s.cut(names[0])
	case "heal":
		clear(s.links)
	case "loss":
		s.cl.loss = float64(integer(names[0])) / 100
	case "leave":
		p := node()
		s.cl.input(p, func() { p.core.Leave(s.cl.now) })
	case "publish":
		p := node()
		s.cl.input(p, func() { p.core.Touch(s.cl.now, names[0], p.rider.publish()) })
	case "accuse":
		at, err := strconv.ParseUint(value("at", "1"), 10, 32)
		if err != nil {
			d.Fatalf(t, "%v", err)
		}
		s.accuse(node(), value("by", ""), swim.Incarnation(at), integer(value("boot", "0")))
	case "run":
		s.verify = len(names) > 1
		s.cl.run(duration(names[0]))
		s.verify = false
	case "until":
		s.until(d, duration(names[0]), names[1:])
	case "views":
		s.views()
	case "health":
		for _, p := range s.cl.up() {
			if h := p.core.Health(); h > 0 {
				fmt.Fprintf(&s.out, "%s: %d\n", p.name, h)
			}
		}
	case "state":
		fmt.Fprintf(&s.out, "%d\n", node().rider.value[names[1]])
	case "stats":
		s.stats(node(), names[1:])
	default:
		d.Fatalf(t, "no command %q", d.Cmd)
	}
	if s.out.Len() == 0 {
		return "ok\n"
	}
	return s.out.String()
}

// open boots a cluster and lets it form out of sight; time counts from then on.
func (s *stage) open(names []string, keys []datadriven.CmdArg, seed uint64, delay time.Duration) {
	s.cl = newCluster(s.t, seed)
	s.cl.delay, s.cl.jitter = delay, 0
	s.keys, s.names = keys, map[netip.AddrPort]string{}
	s.cl.blocked = func(from, to *process) bool { return s.links[[2]string{from.name, to.name}] }
	s.cl.event, s.cl.packet = s.tellEvent, s.tellPacket
	s.quiet = true
	var first *process
	for _, name := range names {
		p := s.boot(name, 0, nil)
		if first == nil {
			first = p
			continue
		}
		s.cl.join(p, first)
	}
	if len(names) > 0 {
		s.cl.until(10*time.Second, "the cluster is formed", s.cl.agreed)
		s.cl.run(3 * time.Second) // the news is spread
	}
	s.quiet, s.start = false, s.cl.now
}

// boot starts one node. Number 0 is the next address that is free.
func (s *stage) boot(name string, number int, keys []datadriven.CmdArg) *process {
	if number == 0 {
		s.number++
		number = s.number
	}
	p := s.cl.boot(name, number, func(cfg *swim.Config) {
		for _, a := range append(append([]datadriven.CmdArg{}, s.keys...), keys...) {
			if len(a.Vals) > 0 {
				s.setKey(cfg, a.Key, a.Vals[0])
			}
		}
		s.names[cfg.Addr] = name
	})
	return p
}

// setKey sets one field of a configuration.
func (s *stage) setKey(cfg *swim.Config, key, value string) {
	s.t.Helper()
	span := func(to *time.Duration) {
		if value == "off" {
			*to = swim.Off
			return
		}
		var err error
		if *to, err = time.ParseDuration(value); err != nil {
			s.t.Fatal(err)
		}
	}
	number := func(to *int) {
		if value == "off" {
			*to = swim.Off
			return
		}
		var err error
		if *to, err = strconv.Atoi(value); err != nil {
			s.t.Fatal(err)
		}
	}
	switch key {
	case "period":
		span(&cfg.ProbeInterval)
	case "timeout":
		span(&cfg.ProbeTimeout)
	case "gossip":
		span(&cfg.GossipInterval)
	case "pushpull":
		span(&cfg.PushPullInterval)
	case "healing":
		span(&cfg.HealInterval)
	case "tombstones":
		span(&cfg.TombstoneTTL)
	case "k":
		number(&cfg.IndirectProbes)
	case "mult":
		number(&cfg.SuspicionMult)
	case "streamprobe":
		cfg.NoStreamProbe = value == "off"
	case "gen":
		n := 0
		number(&n)
		cfg.Life.Generation = swim.Generation(n)
	case "clock": // how far the node's wall clock is off
		var off time.Duration
		span(&off)
		cfg.Wall = cfg.Wall.Add(off)
		cfg.Life.Boot = swim.Boot(cfg.Wall.UnixMilli())
	case "seed", "seeds", "at", "as", "delay":
	case "id", "version":
		if key == "id" {
			cfg.ClusterID = value
		} else {
			cfg.Version = value
		}
		codec, err := wirev2.New(cfg.ClusterID, cfg.Version)
		if err != nil {
			s.t.Fatal(err)
		}
		cfg.Codec = codec
	default:
		s.t.Fatalf("no key %q", key)
	}
}

// join goes by the names of nodes, or by addresses where nobody lives.
func (s *stage) join(p *process, seeds []string) {
	var addrs []netip.AddrPort
	for _, seed := range seeds {
		if q := s.cl.nodes[seed]; q != nil {
			addrs = append(addrs, q.addr)
		} else {
			addrs = append(addrs, netip.AddrPortFrom(netip.MustParseAddr(seed), 7946))
		}
	}
	s.cl.input(p, func() { p.core.Join(s.cl.now, addrs) })
}

func (s *stage) cut(what string) {
	one := func(a, b string) { s.links[[2]string{a, b}] = true }
	if a, b, ok := strings.Cut(what, "<->"); ok {
		one(a, b)
		one(b, a)
		return
	}
	if a, b, ok := strings.Cut(what, "->"); ok {
		one(a, b)
		return
	}
	as, bs, _ := strings.Cut(what, "|")
	for _, a := range strings.Split(as, "+") {
		for _, b := range strings.Split(bs, "+") {
			one(a, b)
			one(b, a)
		}
	}
}

// accuse forges a suspicion.
func (s *stage) accuse(p *process, by string, at swim.Incarnation, boots int) {
	stamp := p.core.Self()
	stamp.Incarnation = at
	stamp.Boot += swim.Boot(boots)
	codec, _ := wirev2.New("test", "v2")
	m := swim.Message{Kind: swim.KindSuspect, Name: []byte(p.name), From: []byte(by), Stamp: stamp}
	b := codec.AppendMessage(codec.BeginPacket(nil), &m)
	from := s.cl.nodes[by].addr
	s.cl.input(p, func() { p.core.HandlePacket(s.cl.now, from, b) })
}

func (s *stage) until(d *datadriven.TestData, limit time.Duration, what []string) {
	cond := s.cl.agreed
	if what[0] != "agreed" {
		p, name, want := s.cl.nodes[strings.TrimSuffix(what[0], ":")], what[1], what[2]
		cond = func() bool {
			state, ok := p.sees(name)
			return ok && state.String() == want || !ok && want == "unknown"
		}
	}
	for start := s.cl.now; !cond(); s.cl.run(10 * time.Millisecond) {
		if s.cl.now-start >= limit {
			s.tell("STILL NOT after %v: %s", limit, strings.Join(what, " "))
			s.t.Errorf("%s: after %v still not: %s", d.Pos, limit, strings.Join(what, " "))
			return
		}
	}
	s.tell("%s", strings.Join(what, " "))
}

func (s *stage) tellEvent(p *process, e swim.Event) {
	switch e.Kind {
	case swim.EventProbed:
	case swim.EventExchanged:
		if e.Err != nil && e.Ours {
			s.tell("%s: push-pull with %s failed: %v", p.name, s.nameOf(e.Addr), e.Err)
		} else if e.Ours {
			s.tell("%s: push-pull with %s moved %d", p.name, s.nameOf(e.Addr), e.Moved)
		}
	case swim.EventSuspected, swim.EventFailed:
		s.tell("%s: %s %v, says %s", p.name, e.Name, e.Kind, e.From)
	case swim.EventSelfRefuted:
		s.tell("%s: refutes %s, incarnation %d", p.name, e.From, e.Stamp.Incarnation)
	case swim.EventConflict:
		s.tell("%s: conflict about %s with %v, replaced %v", p.name, e.Name, e.Addr.Addr(), p.core.Replaced())
	case swim.EventRefused:
		who := "refuses"
		if e.Ours {
			who = "is refused by"
		}
		s.tell("%s: %s %s: %v, %q and %q", p.name, who, e.Name, e.Refusal.Reason, e.Refusal.Ours, e.Refusal.Theirs)
	case swim.EventJoinDone:
		if e.Err != nil {
			s.tell("%s: join failed: %s", p.name, strings.ReplaceAll(e.Err.Error(), "\n", "; "))
		} else {
			s.tell("%s: join done", p.name)
		}
	case swim.EventJoined:
		how := ""
		if e.Restarted {
			how = ", restarted"
		}
		s.tell("%s: %s joined at %v%s", p.name, e.Name, e.Addr.Addr(), how)
	case swim.EventStateChanged:
		s.tell("%s: state of %s is now %d", p.name, e.Name, p.rider.value[e.Name])
	default:
		s.tell("%s", strings.TrimSpace(fmt.Sprintf("%s: %v %s", p.name, e.Kind, e.Name)))
	}
}

func (s *stage) nameOf(a netip.AddrPort) string {
	if p := s.cl.at[a]; p != nil {
		return p.name
	}
	return a.Addr().String()
}

func (s *stage) tellPacket(from *process, to netip.AddrPort, b []byte, lost bool) {
	if !s.verify {
		return
	}
	codec, _ := wirev2.New("test", "v2")
	rest, _ := codec.OpenPacket(b)
	var says []string
	for len(rest) > 0 {
		var m swim.Message
		rest, _ = codec.NextMessage(rest, &m)
		switch m.Kind {
		case swim.KindPing, swim.KindAck, swim.KindNack:
			says = append(says, m.Kind.String())
		case swim.KindPingReq:
			says = append(says, "ping-req "+string(m.Name))
		case swim.KindSuspect, swim.KindDead:
			says = append(says, fmt.Sprintf("%v %s@%d by %s", m.Kind, m.Name, m.Stamp.Incarnation, m.From))
		case swim.KindAlive:
			says = append(says, fmt.Sprintf("alive %s@%d", m.Name, m.Stamp.Incarnation))
		default:
			says = append(says, m.Kind.String())
		}
	}
	arrow := "->"
	if lost {
		arrow = "-x"
	}
	s.tell("  %s %s %s  %s", from.name, arrow, s.nameOf(to), strings.Join(says, ", "))
}

// views tells who holds whom for what: "b" is alive at incarnation 1, "b2" at 2,
// "?b" is suspect, "+b" dead, "-b" left, and "!" marks a verdict kept secret.
func (s *stage) views() {
	for _, p := range s.cl.up() {
		var held []string
		for m := range p.core.Members() {
			mark := [...]string{swim.Alive: "", swim.Suspect: "?", swim.Dead: "+", swim.Left: "-"}[m.State]
			if m.Private {
				mark += "!"
			}
			if m.Stamp.Incarnation > 1 {
				held = append(held, fmt.Sprintf("%s%s%d", mark, m.Name, m.Stamp.Incarnation))
			} else {
				held = append(held, mark+m.Name)
			}
		}
		more := ""
		if p.core.CutOff() {
			more = "  cut off"
		}
		if p.core.Replaced() {
			more = "  replaced"
		}
		fmt.Fprintf(&s.out, "%s: %s%s\n", p.name, strings.Join(held, " "), more)
	}
}

func (s *stage) stats(p *process, keys []string) {
	st := p.core.Stats()
	for _, key := range keys {
		v := map[string]uint64{
			"health": uint64(p.core.Health()), "confirmations": st.Confirmations, "boot-ahead": st.Drops[swim.DropBootAhead],
			"relay-refused": st.Drops[swim.DropRelayRefused], "pings": st.MessagesOut[swim.KindPing],
			"probe-failures": st.ProbeFailures, "exchanges": st.Exchanges, "conflicts": st.Conflicts,
			"suspicions": st.Suspicions, "deaths": st.Deaths, "heals": st.HealAttempts, "refutations": st.Refutations,
			"incarnation": uint64(p.core.Self().Incarnation), "boots": uint64(p.core.Self().Boot) - epoch,
			"drops-cluster": st.Drops[swim.DropCluster], "sent": st.PacketsOut,
		}
		n, ok := v[key]
		if !ok {
			s.t.Fatalf("no counter %q", key)
		}
		fmt.Fprintf(&s.out, "%s %d\n", key, n)
	}
}
