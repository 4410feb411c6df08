package nekton

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/types"
)

func TestWhatIsOutOfRangeIsNamedAllAtOnce(t *testing.T) {
	intervals := types.GossipIntervals{
		GossipInterval: -1, PushPullInterval: -1, ProbeInterval: -1, ProbeTimeout: -1, QuorumTimeout: -1, SuspicionMult: -1,
	}
	n := NewNode("nonsense", "", 1, intervals, "v2", "c", "",
		WithLimits(Limits{Packet: 10, Key: -1, Value: -2, Record: -3, Members: -4, Tombstones: -5, Stream: -6, StreamTimeout: -7, Streams: -8}),
		WithProtocol(Protocol{IndirectProbes: -2, LeaveAcks: Off}), WithEventBuffer(-1), WithProbation(-1), WithTombstoneTTL(-1),
		WithType("", disk{}), WithType("c", make(chan int)), WithForeignMembers(), nil)
	n.UpdateSelf("k", "v") // the store works all the same
	if v, err := Value[string](n, "", "k"); v != "v" || err != nil {
		t.Errorf("the own value is %q, %v", v, err)
	}
	err := n.Start(types.GossipStartConfiguration{})
	if err == nil {
		t.Fatal("Start succeeded")
	}
	for _, want := range []string{
		`address "nonsense"`, "node id has 0 bytes", "foreign members exist on memberlist's wire only",
		"GossipInterval is negative", "PushPullInterval is negative", "ProbeInterval is negative", "ProbeTimeout is negative",
		"QuorumTimeout is negative", "SuspicionMult is negative", "Probation is negative",
		"Limits.Packet is 10, want 1150 to 65535", "Limits.Key is -1", "Limits.Value is -2", "Limits.Record is -3", "Limits.Members is -4",
		"Limits.Tombstones is -5", "Limits.Stream is -6", "Limits.StreamTimeout is -7ns", "Limits.Streams is -8",
		"IndirectProbes is negative", "LeaveAcks cannot be Off", "event buffer is -1", "tombstone TTL is -1ns",
		"value type: store: type name", "cannot encode chan int",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q", want)
		}
	}
	var bad *ConfigError
	if !errors.As(err, &bad) {
		t.Errorf("no *ConfigError in %v", err)
	}
	if t.Failed() {
		t.Log(err)
	}
}

func TestOnMemberlistsWireSomeDefaultsAreMemberlists(t *testing.T) {
	for _, c := range []struct {
		version       string
		mult          int
		protocol      Protocol
		confirmations int
		ttl           time.Duration
		rules         swim.Rules
		stream        int
	}{
		{"v2", 5, Protocol{}, 0, 0, swim.Rules{}, 20 << 20},
		{"v1", 5, Protocol{}, 3, 30 * time.Second, swim.Rules{AllOrNothingK: true, ScalePushPull: true}, 40 << 20},
		{"v1", 2, Protocol{}, Off, 30 * time.Second, swim.Rules{AllOrNothingK: true, ScalePushPull: true}, 40 << 20},
		{"v1", 4, Protocol{GossipToTheDead: time.Hour}, 2, time.Hour, swim.Rules{AllOrNothingK: true, ScalePushPull: true}, 40 << 20},
		{
			"v1", 4, Protocol{SuspicionConfirmations: 1, TombstoneTTL: time.Minute, Rules: swim.Rules{TrustDeaths: true}}, 1, time.Minute,
			swim.Rules{TrustDeaths: true, ScalePushPull: true}, 40 << 20,
		},
	} {
		intervals := quick()
		intervals.SuspicionMult = c.mult
		n := NewNode("127.0.0.1:0", "n", 1, intervals, c.version, "c", "", WithProtocol(c.protocol))
		cfg := n.swimConfig(n.memberlist)
		if cfg.SuspicionConfirmations != c.confirmations || cfg.TombstoneTTL != c.ttl || cfg.Rules != c.rules || n.opts.limits.Stream != c.stream {
			t.Errorf("%s with %+v: K %d, tombstones %v, rules %+v, stream %d", c.version, c.protocol,
				cfg.SuspicionConfirmations, cfg.TombstoneTTL, cfg.Rules, n.opts.limits.Stream)
		}
	}
}

func TestOptionsReachTheProtocol(t *testing.T) {
	p := Protocol{
		IndirectProbes: 1, ProbeRetries: 2, NoCoordinatedProbing: true, NoStreamProbe: true, NackAfter: 3, SuspicionMaxMult: 4, SuspicionConfirmations: 5,
		HealthMax: 6, GossipNodes: 7, GossipToTheDead: 8, RetransmitMult: 9, MaxPiggyback: 15, HealInterval: 10,
		LeaveAcks: 11, TombstoneTTL: 12, MaxClockLead: 13, JoinDials: 14, ReclaimAfter: 16, Rules: swim.Memberlist().Rules,
	}
	n := NewNode("127.0.0.1:0", "n", 1, quick(), "v2", "c", "", WithProtocol(p),
		WithLimits(Limits{Packet: 2000, Key: 21, Value: 22, Record: 23, Members: 24, Tombstones: 25, Stream: 1 << 20, Streams: 27, StreamTimeout: 28}),
		WithTombstoneTTL(29))
	cfg := n.swimConfig(n.memberlist)
	got := Protocol{
		cfg.IndirectProbes, cfg.ProbeRetries, cfg.NoCoordinatedProbing, cfg.NoStreamProbe, cfg.NackAfter, cfg.SuspicionMaxMult, cfg.SuspicionConfirmations,
		cfg.HealthMax, cfg.GossipNodes, cfg.GossipToTheDead, cfg.RetransmitMult, cfg.MaxPiggyback, cfg.HealInterval,
		cfg.LeaveAcks, cfg.TombstoneTTL, cfg.MaxClockLead, cfg.JoinDials, cfg.ReclaimAfter, cfg.Rules,
	}
	if got != p {
		t.Errorf("the protocol is told %+v, want %+v", got, p)
	}
	if cfg.PacketBudget != 2000 || cfg.MaxMembers != 24 || cfg.MaxTombstones != 25 || cfg.FrameBudget != 1<<19 {
		t.Errorf("the protocol has the limits %+v", cfg)
	}
	if st := n.storeConfig(); st.MaxKey != 21 || st.MaxValue != 22 || st.MaxRecord != 23 || st.MaxRecords != 24 || st.TombstoneTTL != 29 {
		t.Errorf("the store has the limits %+v", st)
	}
	if s := n.streamLimits(); s.MaxIncoming != 27 || s.MaxOutgoing != 27 || s.Limits.Stream != 1<<20 || s.Limits.Frame != 1<<20 || s.Limits.Timeout != 28 {
		t.Errorf("streams have the limits %+v", s)
	}
}

func TestTheAdvertisedAddressIsWhatOthersAreTold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	seed := s.node("seed", "")
	s.start(seed)
	n := s.nodeAt("0.0.0.0:0", "n", 1, "", WithAdvertise("127.0.0.1"))
	s.start(n, seed)
	_, port, err := net.SplitHostPort(n.Addr())
	if err != nil || port == "0" || n.Addr() != "127.0.0.1:"+port {
		t.Fatalf("the address is %q", n.Addr())
	}
	eventually(t, func() bool { return member(seed, "n").Addr.String() == n.Addr() }, "the seed knows the address")
	if rtt, err := seed.Ping("n", n.Addr()); !lacks("Ping") && (err != nil || rtt <= 0) {
		t.Errorf("Ping returned %v, %v", rtt, err)
	}
	var bad *AddrError
	if err := s.node("bad", "", WithAdvertise("0.0.0.0:1")).Start(s.config(seed)); !errors.As(err, &bad) {
		t.Errorf("an unspecified address: %v", err)
	}
}

func TestIPv6IsEqual(t *testing.T) {
	t.Parallel()
	if l, err := net.Listen("tcp6", "[::1]:0"); err != nil {
		t.Skip("this machine has no IPv6")
	} else {
		l.Close()
	}
	s := newSite(t)
	a, b := s.nodeAt("[::1]:0", "a", 1, ""), s.nodeAt("[::1]:0", "b", 1, "")
	s.start(a)
	s.start(b, a)
	list(a, b)
	allUp(t, a, b)
	if got := a.GetNodes(); len(got) != 2 || got[0] != "::1" {
		t.Errorf("GetNodes returned %q", got)
	}
}

func TestTheSameSeedMakesTheSameChoices(t *testing.T) {
	draw := func(opts ...Option) [4]uint64 {
		n := NewNode("127.0.0.1:0", "n", 1, quick(), "v2", "c", "", opts...)
		r := n.newRand(0)
		return [4]uint64{r.Uint64(), r.Uint64(), r.Uint64(), r.Uint64()}
	}
	seven, again, eight := draw(WithSeed(7)), draw(WithSeed(7)), draw(WithSeed(8))
	if seven != again || seven == eight {
		t.Error("choices do not follow from the seed")
	}
	if one, other := draw(), draw(); one == other {
		t.Error("without a seed, two nodes make the same choices")
	}
}

func TestLogsAreRareAndSayWhoSpeaks(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, nil))
	s := newSite(t)
	n := s.node("n", "", WithLogger(logger))
	s.start(n)
	list(n)
	for range 100 {
		n.UpdateSelf("bad", func() {})
	}
	if err := n.Stop(time.Second); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	want := []string{"started", "own status changed", "value refused", "own status changed", "stopped"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines:\n%s", len(lines), &out)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) || !strings.Contains(line, "node=n") {
			t.Errorf("line %d is %s", i, line)
		}
	}
}

func TestTheMemoryOfLogsIsBounded(t *testing.T) {
	r := &recent{last: map[topic]time.Duration{}}
	at := time.Hour
	for i := range 10 * quietTopics {
		if !r.isNews(topic{"m", strings.Repeat("x", i)}, at) {
			t.Fatal("a new topic is no news")
		}
	}
	if len(r.last) > quietTopics {
		t.Errorf("%d topics are remembered", len(r.last))
	}
	if r.isNews(topic{"m", strings.Repeat("x", 10*quietTopics-1)}, at+quietFor-1) {
		t.Error("a topic is news again before its time")
	}
	if !r.isNews(topic{"m", strings.Repeat("x", 10*quietTopics-1)}, at+quietFor) {
		t.Error("a topic is no news after a minute")
	}
}

func TestPingSaysWhatIsWrong(t *testing.T) {
	needs(t, "Ping")
	t.Parallel()
	nodes := cluster(t, 2)
	n := nodes[0]
	var bad *AddrError
	for _, addr := range []string{"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:0", ":1", "::1:1"} {
		if _, err := n.Ping("n2", addr); !errors.As(err, &bad) {
			t.Errorf("Ping at %q returned %v", addr, err)
		}
	}
	began := time.Now()
	if _, err := n.Ping("somebody else", nodes[1].Addr()); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("Ping of another name returned %v", err)
	}
	// Three tries of ProbeTimeout, each followed by 100 ms.
	if took := time.Since(began); took < 3*50*time.Millisecond+2*100*time.Millisecond || took > 10*time.Second {
		t.Errorf("that took %v", took)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if _, err := n.PingContext(ctx, "nobody", nodes[1].Addr()); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("PingContext returned %v", err)
	}
	outcome := make(chan error, 1)
	go func() {
		_, err := n.Ping("nobody", nodes[1].Addr())
		outcome <- err
	}()
	eventually(t, func() bool { return n.Stats().Protocol.OpenProbes > 0 }, "the ping is under way")
	if err := n.Stop(0); err != nil {
		t.Fatal(err)
	}
	if err := <-outcome; !errors.Is(err, ErrStopped) && !errors.Is(err, ErrNotRunning) {
		t.Errorf("Ping of a stopped node returned %v", err)
	}
	stranger := newSite(t).node("stranger", "") // membership is not required
	s := newSite(t)
	s.start(stranger)
	if rtt, err := stranger.Ping("n2", nodes[1].Addr()); err != nil || rtt <= 0 {
		t.Errorf("Ping of a stranger returned %v, %v", rtt, err)
	}
}
