package page

import (
	"fmt"
	"strings"

	"github.com/nekton-go/nekton/bench/internal/result"
	"github.com/nekton-go/nekton/bench/internal/side"
)

// A figure is where one number of the table comes from.
type figure struct {
	scenario, name string
	value          string  // of Row.Values, or if quantile is set, of Row.Samples
	quantile       float64 // 0: a value; otherwise that of all samples, 1 the greatest
	unit           unit
}

// An axis is one line of the table: a figure, and what nekton v2 is to reach. All
// bounds that are not zero have to hold.
type axis struct {
	title string
	figure
	most  float64 // at most
	none  bool    // zero
	floor float64 // at most so many times the floor
	times float64 // at least so many times less than memberlist
	// v1 bounds nekton v1 instead: then the line is about memberlist's wire.
	v1 bool
}

// axes are the lines of the table, in order.
func axes() []axis {
	at := func(scenario, name, value string, u unit) figure {
		return figure{scenario: scenario, name: name, value: value, unit: u}
	}
	of := func(scenario, name, sample string, q float64, u unit) figure {
		return figure{scenario: scenario, name: name, value: sample, quantile: q, unit: u}
	}
	return []axis{
		{title: "ping→ack without sockets, CPU", figure: at("packet", "ping", "cpu", seconds), most: 150e-9},
		{title: "… allocations", figure: at("packet", "ping", "mallocs", count), none: true},
		{title: "gossip of 20 known members, CPU", figure: at("packet", "gossip of 20", "cpu", seconds), most: 700e-9},
		{title: "… allocations", figure: at("packet", "gossip of 20", "mallocs", count), none: true},
		{title: "20 keys of a node that are new, CPU", figure: at("packet", "20 new keys", "cpu", seconds)},
		{title: "ping→ack without sockets, encrypted, CPU", figure: at("packet", "ping, encrypted", "cpu", seconds)},
		{title: "gossip of 20 known members, encrypted, CPU", figure: at("packet", "gossip of 20, encrypted", "cpu", seconds)},
		{title: "ping→ack over UDP, CPU of the process", figure: at("udp", "ping", "cpu", seconds), floor: 1.15},
		{title: "… allocations", figure: at("udp", "ping", "mallocs", count), none: true},
		{title: "ping→ack over UDP, encrypted, CPU of the process", figure: at("udp", "ping, encrypted", "cpu", seconds)},
		{title: "64 real nodes at rest, CPU per node-second", figure: at("steady", "LAN, 64 members", "cpu", seconds), floor: 1.25},
		{title: "128 real nodes at rest, CPU per node-second", figure: at("steady", "LAN, 128 members", "cpu", seconds), floor: 1.25},
		{title: "… garbage", figure: at("steady", "LAN, 128 members", "bytes", octets), most: 100},
		{title: "… allocations", figure: at("steady", "LAN, 128 members", "mallocs", count), most: 1},
		{title: "… goroutines per node", figure: at("steady", "LAN, 128 members", "goroutines", count), most: 3},
		{title: "… heap per node", figure: at("steady", "LAN, 128 members", "heap", octets), most: 12e3 + 120*128},
		{title: "… encrypted, CPU per node-second", figure: at("steady", "LAN, encrypted, 128 members", "cpu", seconds)},
		{title: "128 real nodes with 20 keys and push-pull 2 s, CPU per node-second", figure: at("steady", "StoreMap, 128 members", "cpu", seconds), times: 4},
		{title: "… bytes on streams", figure: at("steady", "StoreMap, 128 members", "stream bytes", octets), times: 15},
		{title: "protocol CPU per node-second in virtual time, 64 nodes", figure: at("rest", "64 members", "cpu", seconds), most: 10e-6},
		{title: "protocol CPU per node-second in virtual time, 256 nodes", figure: at("rest", "256 members", "cpu", seconds), most: 10e-6},
		{title: "push-pull of 10,000 members in sync, CPU", figure: at("table", "10000 members, 0 % differ", "cpu", seconds), most: 200e-6},
		{title: "… bytes", figure: at("table", "10000 members, 0 % differ", "traffic", octets), most: 300},
		{title: "push-pull of 10,000 members of which 1 % differ, CPU", figure: at("table", "10000 members, 1 % differ", "cpu", seconds)},
		{title: "… bytes", figure: at("table", "10000 members, 1 % differ", "traffic", octets)},
		{title: "push-pull of 10,000 members of which 10 % differ, CPU", figure: at("table", "10000 members, 10 % differ", "cpu", seconds)},
		{title: "heap per known member of 10,000", figure: at("memory", "10000 members", "drained", octets), most: 110},
		{title: "… while all are news", figure: at("memory", "10000 members", "full", octets)},
		{title: "join of 64, p50", figure: of("join", "64 members", "time", 0.5, seconds)},
		{title: "… p90", figure: of("join", "64 members", "time", 0.9, seconds), most: 2},
		{title: "… the slowest", figure: of("join", "64 members", "time", 1, seconds), most: 3},
		{title: "… bytes of packets and streams", figure: at("join", "64 members", "all bytes", octets), times: 1},
		{title: "update to all of 64, p50", figure: of("update", "0 % loss", "all", 0.5, seconds), most: 0.3},
		{title: "… bytes", figure: of("update", "0 % loss", "bytes", 0.5, octets), most: 25e3},
		{title: "… not everywhere after 2 s", figure: at("update", "0 % loss", "incomplete 2 s", count), none: true},
		{title: "… at 20 % loss", figure: at("update", "20 % loss", "incomplete 2 s", count), none: true},
		{title: "a killed node of 64, first to notice, p50", figure: of("detect", "no loss", "first", 0.5, seconds), most: 8},
		{title: "… from the first to the last, greatest", figure: of("detect", "no loss", "spread", 1, seconds), most: 1},
		{title: "… first to notice at 20 % loss, p50", figure: of("detect", "20 % loss", "first", 0.5, seconds)},
		{title: "… first to notice while 8 others hang, p50", figure: of("detect", "8 of 64 hang", "first", 0.5, seconds)},
		{title: "… last to notice while 8 others hang, p50", figure: of("detect", "8 of 64 hang", "all", 0.5, seconds)},
		{title: "20 % loss and no stream pings, false deaths", figure: at("detect", "20 % loss, no stream pings", "false deaths", count), times: 10},
		{title: "20 % loss on streams as well, false deaths", figure: at("detect", "20 % loss, streams too", "false deaths", count), none: true},
		{title: "16 of 128 hang for 8 s, false deaths", figure: at("blocked", "16 of 128, 8s", "false", count), times: 10},
		{title: "… premature deaths", figure: at("blocked", "16 of 128, 8s", "premature", count), times: 10},
		{title: "update with the settings of libopenstorage/gossip, p50", figure: of("update", "StoreMap", "all", 0.5, seconds)},
		{title: "rolling restart of 128, false deaths", figure: at("rolling", "128 members", "false deaths", count)},
		{title: "… all list all, after the last return", figure: at("rolling", "128 members", "agreed", seconds)},
		{title: "… bytes per member", figure: at("rolling", "128 members", "all bytes", octets)},
		{title: "250 of 5,000 restarted in nekton's simulator, false deaths", figure: at("rolling", "250 of 5000, simulator", "false deaths", count)},
		{title: "… all list all, after the last return", figure: at("rolling", "250 of 5000, simulator", "agreed", seconds)},
		{title: "start and stop of a node, CPU", figure: at("life", "start and stop", "cpu", seconds)},
		{title: "memberlist's wire: ping→ack, CPU", figure: at("packet", "ping", "cpu", seconds), most: 300e-9, v1: true},
		{title: "memberlist's wire: gossip of 20, CPU", figure: at("packet", "gossip of 20", "cpu", seconds), most: 1.5e-6, v1: true},
		{title: "… allocations", figure: at("packet", "gossip of 20", "mallocs", count), none: true, v1: true},
		{title: "memberlist's wire: push-pull of 10,000, CPU, uncompressed", figure: at("table", "10000 members, 0 % differ", "cpu", seconds), most: 6e-3, v1: true},
	}
}

// bound is what has to hold, in words.
func (a axis) bound() string {
	var all []string
	if a.most > 0 {
		all = append(all, "≤ "+a.unit.write(a.most))
	}
	if a.none {
		all = append(all, "0")
	}
	if a.floor > 0 {
		all = append(all, fmt.Sprintf("≤ %.3g × floor", a.floor))
	}
	switch {
	case a.times == 1:
		all = append(all, "fewer")
	case a.times > 0:
		all = append(all, fmt.Sprintf("%.3g× less", a.times))
	}
	return strings.Join(all, ", ")
}

// met reports whether the bounds hold for a value; judged is false if there is nothing
// to judge by.
func (a axis) met(v, floor, memberlist result.Spread) (met, judged bool) {
	if v.Runs == 0 || a.bound() == "" {
		return false, false
	}
	if a.floor > 0 && floor.Runs == 0 || a.times > 0 && memberlist.Runs == 0 {
		return false, false
	}
	switch x := v.Median; {
	case a.most > 0 && x > a.most, a.none && x >= 0.005, // a part of the collector's own
		a.floor > 0 && x > a.floor*floor.Median, a.times > 0 && x*a.times > memberlist.Median:
		return false, true
	}
	return true, true
}

// of is the figure of one side, over all runs.
func (f figure) of(s result.Set, k string) result.Spread {
	if f.quantile == 0 {
		return s.Value(f.scenario, f.name, k, f.value)
	}
	all := s.Sample(f.scenario, f.name, k, f.value)
	if len(all) == 0 {
		return result.Spread{}
	}
	q := result.Quantile(all, f.quantile)
	return result.Spread{Least: all[0], Median: q, Most: all[len(all)-1], Runs: len(all)}
}

// judged is the side that an axis is about.
func (a axis) judged() side.Kind {
	switch {
	case !a.v1:
		return side.NektonV2
	case a.uncompressed():
		return side.NektonV1Plain
	}
	return side.NektonV1
}

// rival is the side that it is compared with.
func (a axis) rival() side.Kind {
	if a.uncompressed() {
		return side.Plain
	}
	return side.Memberlist
}

func (a axis) uncompressed() bool { return strings.Contains(a.title, "uncompressed") }
