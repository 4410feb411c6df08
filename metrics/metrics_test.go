package metrics

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/common/expfmt"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
	"github.com/nekton-go/nekton/types"
)

var rewrite = flag.Bool("rewrite", false, "rewrite the golden file")

// fixed is a node of which a snapshot was taken.
type fixed nekton.Stats

func (f fixed) Stats() nekton.Stats { return nekton.Stats(f) }

// snapshot has another number in every field that is exported.
func snapshot(id types.NodeId) fixed {
	var messagesIn, messagesOut, bytesIn, bytesOut [swim.NumKinds]uint64
	for i := range messagesIn {
		messagesIn[i], messagesOut[i] = uint64(1000+i), uint64(2000+i)
		bytesIn[i], bytesOut[i] = uint64(4000+i), uint64(5000+i)
	}
	var drops [swim.NumDrops]uint64
	for i := range drops {
		drops[i] = uint64(3000 + i)
	}
	return fixed{
		Node: id, Cluster: "blue", Version: "v2", Domain: "east", Generation: 4, Phase: nekton.PhaseRunning,
		Status: types.NODE_STATUS_SUSPECT_NOT_IN_QUORUM, Quorum: nekton.Quorum{Members: 9, Alive: 4, Needed: 5},
		Nodes:  map[types.NodeStatus]int{types.NODE_STATUS_UP: 3, types.NODE_STATUS_DOWN: 6},
		CutOff: true,
		Protocol: swim.Stats{Counters: swim.Counters{
			MessagesIn: messagesIn, MessagesOut: messagesOut, MessageBytesIn: bytesIn, MessageBytesOut: bytesOut, Drops: drops,
			Probes: 101, CoordinatedProbes: 100, SilentProbes: 98, ProbeRetries: 102, ProbeFailures: 103, IndirectProbes: 104, Relays: 105, Acks: 106, StreamAcks: 107,
			Nacks: 108, Suspicions: 109, Confirmations: 110, Deaths: 111, Refutations: 112, Conflicts: 113, CutOffs: 114, Stalls: 99,
			GossipRounds: 115, RumoursMerged: 116, Compares: 117, ComparesInSync: 118, Exchanges: 119, ExchangesIdle: 120,
			ExchangesFailed: 121, RefusalsSent: 122, RefusalsReceived: 123, HealAttempts: 124},
			Alive: 11, Suspect: 12, Dead: 13, Left: 14, QueuedClaims: 15, QueuedRumours: 16, RetransmitLimit: 17, Health: 5, OpenExchanges: 18,
		},
		RoundTrips: nekton.Histogram{Count: 30, Sum: 1500 * time.Millisecond, Buckets: []nekton.Bucket{{UpTo: time.Millisecond, Count: 10}, {UpTo: 100 * time.Millisecond, Count: 25}}},
		PushPulls: nekton.PushPullStats{
			Durations: nekton.Histogram{Count: 3, Sum: 2 * time.Second, Buckets: []nekton.Bucket{{UpTo: time.Second, Count: 2}}},
			BytesIn:   401, BytesOut: 402,
		},
		Store: store.Stats{
			Records: 21, Incomplete: 22, Keys: 23, Tombstones: 24, Bytes: 25,
			Changes: 26, Merges: 27, Known: 28, Gaps: 29, Refused: 30, Collected: 31,
		},
		Packets: transport.Stats{
			PacketsIn: 501, PacketBytesIn: 502, PacketsOut: 503, PacketBytesOut: 504, PacketsTruncated: 505,
			PacketsDropped: 506, PacketReadErrors: 507, PacketWriteErrors: 508,
		},
		Streams: transport.StreamStats{
			Incoming: transport.DirectionStats{Open: 1, Done: 601, Failed: 602},
			Outgoing: transport.DirectionStats{Open: 2, Done: 603, Failed: 604},
			Rejected: 605, Refused: 606, BytesIn: 607, BytesOut: 608,
		},
		RefusedValues: 701, UndecodableValues: 702, LostEvents: 703, LostStates: 704, Subscribers: 7,
	}
}

func TestTheExpositionIsTheGoldenOne(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(snapshot("n1"), nil))
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	got := text.Bytes()
	const path = "testdata/exposition.txt"
	if *rewrite {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("the exposition changed (rewrite with -rewrite, and look at the diff); now:\n%s", got)
	}
}

func TestNamesAndUnitsFollowTheConventionsOfPrometheus(t *testing.T) {
	problems, err := testutil.CollectAndLint(New(snapshot("n1"), nil))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestTwoNodesOfOneRegistryStayApart(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	one, two := snapshot("n1"), snapshot("n2")
	two.Protocol.Probes = 999
	registry.MustRegister(New(one, prometheus.Labels{"zone": "y"}), New(two, prometheus.Labels{"zone": "z"}))
	want := `
# HELP nekton_probes_total Probes begun, of protocol periods and others.
# TYPE nekton_probes_total counter
nekton_probes_total{node="n1",zone="y"} 101
nekton_probes_total{node="n2",zone="z"} 999
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want), "nekton_probes_total"); err != nil {
		t.Error(err)
	}
}

func TestTheSameNodeTwiceIsRefusedByTheRegistry(t *testing.T) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(New(snapshot("n1"), nil))
	if err := registry.Register(New(snapshot("n1"), nil)); err == nil {
		t.Error("the second collector of a node was registered")
	}
}

func TestALabelOfTheCallerReplacesNode(t *testing.T) {
	got, err := testutil.CollectAndFormat(New(snapshot("n1"), prometheus.Labels{"node": "other"}), expfmt.TypeTextPlain, "nekton_probes_total")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), `nekton_probes_total{node="other"} 101`) {
		t.Errorf("got %s", got)
	}
}

func TestEveryOwnStatusIsASampleAndExactlyOneIsSet(t *testing.T) {
	for _, status := range ownStatuses() {
		s := snapshot("n1")
		s.Status = status
		got, err := testutil.CollectAndFormat(New(s, nil), expfmt.TypeTextPlain, "nekton_own_status", "nekton_in_quorum")
		if err != nil {
			t.Fatal(err)
		}
		text := string(got)
		if strings.Count(text, "nekton_own_status{") != len(ownStatuses()) || strings.Count(text, "nekton_own_status{")-strings.Count(text, "} 0\n")+strings.Count(text, "in_quorum{node=\"n1\"} 0") != 1 {
			t.Errorf("%v: %s", status, text)
		}
		if !strings.Contains(text, `status="`+statusLabel(status)+`"} 1`) {
			t.Errorf("%v is not set: %s", status, text)
		}
	}
}

func TestARealNodeCanBeScrapedInEveryPhaseOfItsLife(t *testing.T) {
	node := nekton.NewNode("127.0.0.1:0", "real", 1, types.GossipIntervals{
		GossipInterval: 50 * time.Millisecond, PushPullInterval: time.Second, ProbeInterval: 200 * time.Millisecond,
		ProbeTimeout: 50 * time.Millisecond, QuorumTimeout: time.Second, SuspicionMult: 3,
	}, types.GOSSIP_VERSION_2, "metrics-test", "")
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(New(node, nil))
	scrape := func(phase string, inQuorum int) {
		t.Helper()
		families, err := registry.Gather()
		if err != nil {
			t.Fatalf("%s: %v", phase, err)
		}
		found := false
		for _, f := range families {
			for _, m := range f.GetMetric() {
				switch f.GetName() {
				case "nekton_node_info":
					for _, l := range m.GetLabel() {
						found = found || l.GetName() == "phase" && l.GetValue() == phase
					}
				case "nekton_in_quorum":
					if got := m.GetGauge().GetValue(); got != float64(inQuorum) {
						t.Errorf("%s: in quorum %v, want %d", phase, got, inQuorum)
					}
				}
			}
		}
		if !found {
			t.Errorf("phase %s is not shown", phase)
		}
	}
	scrape("idle", 0)
	if err := node.Start(types.GossipStartConfiguration{QuorumProviderType: types.QUORUM_PROVIDER_NOOP}); err != nil {
		t.Fatal(err)
	}
	scrape("running", 1)
	if err := node.Stop(0); err != nil {
		t.Fatal(err)
	}
	scrape("stopped", 1)
}

// unexported are the numbers of a snapshot that no metric shows, with the reason.
var unexported = map[string]string{
	"Protocol.PacketsIn": "Packets has them as they were on the socket", "Protocol.PacketsOut": "as PacketsIn",
	"Protocol.BytesIn": "as PacketsIn", "Protocol.BytesOut": "as PacketsIn",
	"Protocol.SendErrors":   "Packets.PacketWriteErrors has them",
	"Protocol.Drops[0]":     "stands for what was not dropped",
	"Protocol.OpenProbes":   "it is an aid to debugging",
	"Store.Overlays":        "they concern this node's view only",
	"Packets.StreamsDialed": "Streams has them", "Packets.DialErrors": "Streams has them",
	"Packets.StreamsAccepted": "Streams has them", "Packets.AcceptErrors": "Streams has them",
}

func TestEveryNumberOfStatsIsShownOrLeftOutForAReason(t *testing.T) {
	exposition := func(s nekton.Stats) string {
		t.Helper()
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(New(fixed(s), nil))
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, f := range families {
			if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
				t.Fatal(err)
			}
		}
		return text.String()
	}
	before := exposition(snapshot("n1").Stats())
	seen := map[string]bool{}
	var walk func(path string, field func(*nekton.Stats) reflect.Value)
	walk = func(path string, field func(*nekton.Stats) reflect.Value) {
		s := snapshot("n1").Stats()
		v := field(&s)
		switch v.Kind() {
		case reflect.Struct:
			if v.Type() == reflect.TypeFor[time.Time]() {
				return
			}
			for i := range v.NumField() {
				name := path
				if f := v.Type().Field(i); !f.Anonymous {
					name = strings.TrimPrefix(path+"."+f.Name, ".")
				}
				walk(name, func(s *nekton.Stats) reflect.Value { return field(s).Field(i) })
			}
			return
		case reflect.Array:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), func(s *nekton.Stats) reflect.Value { return field(s).Index(i) })
			}
			return
		case reflect.Int, reflect.Int64:
			v.SetInt(v.Int() + 77777)
		case reflect.Uint64:
			v.SetUint(v.Uint() + 77777)
		default:
			return
		}
		seen[path] = true
		if shown := exposition(s) != before; shown == (unexported[path] != "") {
			t.Errorf("%s: shown is %v, and the reason to leave it out is %q", path, shown, unexported[path])
		}
	}
	walk("", func(s *nekton.Stats) reflect.Value { return reflect.ValueOf(s).Elem() })
	if len(seen) < 80 {
		t.Errorf("only %d numbers were looked at", len(seen))
	}
}

func BenchmarkScrape(b *testing.B) {
	c := New(snapshot("n1"), nil)
	b.ReportAllocs()
	samples := 0
	for b.Loop() {
		ch := make(chan prometheus.Metric, 256)
		c.Collect(ch)
		samples = len(ch)
	}
	b.ReportMetric(float64(samples), "samples")
}
