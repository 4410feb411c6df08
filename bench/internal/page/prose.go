package page

import (
	"slices"
	"strings"
)

const intro = `Both libraries do the same work, in one process, in turns. This page and its charts are made of the raw
results of one run and of nothing else.`

const legend = `Ratios are memberlist's figure over nekton's: more than one is in nekton's favour. In brackets is the ratio with memberlist's
default compression switched off on both sides, which is the fairer comparison of CPU; where the brackets are missing, compression
makes no difference or was not measured. The floor is the least that any program can do: bare sockets and a codec written by hand for
memberlist's bytes, in the same run; in *italics* it is computed, and the formula stands in the last section. "v2" is nekton on its
own wire, "v1" nekton on memberlist's.`

const fairness = `## How it is kept fair

- **The same settings.** Probe interval, probe timeout, gossip interval, push-pull interval and suspicion multiplier are set alike;
  fan-out 3, retransmit multiplier 4, three indirect probes, 1400-byte packets and stream pings are the defaults of both. LAN: probe 1 s,
  timeout 500 ms, gossip 200 ms, push-pull 30 s, suspicion 4. StoreMap: probe 5 s, timeout 200 ms, gossip 2 s, push-pull 2 s, suspicion 5.
- **memberlist as it comes**, and once more with compression off. Its queue between goroutines (HandoffQueueDepth) is never made to
  overflow: gossip is handed over in batches that it holds.
- **The same transport class.** On sockets, memberlist uses its own transport and nekton its own, behind wrappers that count
  bytes. Without sockets and in virtual time, each library's transport interface is served directly: nekton by calls, memberlist by
  channels, as each wants it.
- **The same application.** It joins through one member and insists: a join that fails is tried again after a second, up to ten times,
  on every side alike. Members of a new cluster join at random moments within 200 ms: in one and the same instant of virtual time, which
  no real processes share, memberlist's gossip would miss far more. Nothing is logged on either side. Where values are published,
  memberlist carries what libopenstorage/gossip puts on it; there is no other use of its user state to compare with.
- **Turns.** The sides alternate in each run, the heap is collected before each turn, and figures are medians with their spread. Scenarios
  of one packet run on one processor (GOMAXPROCS=1): on two, idle workers of the collector burn the second one, four times as much for
  memberlist.
- **What is counted.** CPU is that of the whole process by getrusage, user and system; allocations and heap are the Go runtime's; bytes
  are those handed to sockets, without headers of IP, UDP and TCP. Steady CPU on real sockets is mostly the kernel's, and wake-ups': it
  is to be read beside the floor only.
- **One simulated network.** In virtual time both libraries run unmodified inside testing/synctest, nekton by its public API with
  WithTransport, on one network in memory: one way 0.2 to 1.2 ms, the same loss, the same hangs. memberlist draws from the global random
  source there, so that runs are alike and not equal. While join, detect, update, blocked and rolling run, whose figures in the table are
  times of a virtual clock, counts and bytes, the large simulation runs beside them in a process of its own.
- **To memberlist's advantage.** Its push-pull interval grows with the cluster: 30 s at 16 and 32 members, 60 s at 64, 90 s at 128, 120 s at 256. The
  ten seconds for which a cluster on LAN settings is watched miss most of these exchanges, and so do not charge them; with StoreMap
  settings the interval is seconds, and they are in. Packets that are fed to it are uncompressed, which is cheaper to read than what
  its peers would send.
- **To nekton's advantage.** nekton v2 compares tables by fingerprints on its pings, and opens no stream while they agree. What the
  push-pull of tables that agree costs is measured all the same, by one that is forced: at its own interval a node pays a ping and an ack for
  it, whatever the size of the table, and memberlist the whole push-pull.
- **Not equal:** nekton has no metadata of the program; what is compared with memberlist's metadata is a value in its StoreMap. On
  memberlist's wire values travel by push-pull only, so v1 is missing there. nekton is told the ids of all nodes when values are
  published, as users of libopenstorage/gossip do it; memberlist needs none of that. 20 new keys are one packet on nekton's wire; on
  memberlist's they are a part of a push-pull in the gob of libopenstorage/gossip, so that there a push-pull of two nodes is measured,
  both ends of it, and here one packet at its receiver.
`

// explained says in a sentence what a scenario is.
func explained(scenario string) string {
	switch scenario {
	case "packet":
		return "One packet, without sockets, on one processor: a ping that is answered; gossip about 20 of 1,000 members, of which nothing is new; both once more with AES-128-GCM; and 20 keys of a node, all new. Per packet, and for keys on memberlist's wire per push-pull of two nodes, both ends. size: of what comes in."
	case "udp":
		return "A ping and its ack over UDP on loopback, one at a time, the asker included; encrypted; and with 20 new keys on the ping. Per round trip."
	case "table":
		return "One push-pull over TCP on loopback, both ends: of tables that agree, and with some rows newer at one side. 32 bytes of metadata. traffic: both ways."
	case "memory":
		return "Heap per known member, with 32 bytes of metadata: full, right after all were learnt by gossip; drained, when gossip has come to rest. cpu: to learn of one. sent: packets until gossip has come to rest."
	case "life":
		return "A node on real sockets, started and stopped at once."
	case "steady":
		return "A cluster on real sockets at rest, all in one process. Per node and second, but for goroutines and heap, which are per node. Before it is watched, a cluster has up to a minute to tell the news of its joins: until its packets are those of probes and comparisons, and a quarter more. The floor has as many bare sockets, each of which is pinged once a second; with the StoreMap settings, 0.7 times a second, which is as often as a probe or a comparison is due."
	case "rest":
		return "The same in virtual time: the protocol without kernel and wake-ups. Per node and second."
	case "join":
		return "All members join through the first within 200 ms: until every one lists every other. Virtual time."
	case "detect":
		return "Members are killed one after another, at any phase of the period; a new one takes the place of each. The first, the median and the last survivor to notice, and false deaths: verdicts about members that live. While some hang (8 s of every 9), those are neither victims nor witnesses. missed: survivors that have not noticed after a minute. Virtual time."
	case "update":
		return "One member publishes 32 bytes: until half and until all have them, and bytes beyond those of a cluster at rest. incomplete: updates that were not everywhere by then. StoreMap: the settings of libopenstorage/gossip, with 20 keys per node of which one changes, and all bytes until it is everywhere. Virtual time."
	case "blocked":
		return "An eighth of the members hangs for some seconds, runs for one, and hangs again, for two minutes. False: a member that never hung was declared dead. Premature: one that hangs was, before the shortest suspicion could have passed while it hung. Virtual time."
	case "rolling":
		return "Members say goodbye one after another, are away for five seconds, and return under their name. Of 128: one each second, in virtual time, all of them. Of 5,000: one each 50 ms, in nekton's simulator, which plays state machines and cannot run memberlist; 250 of them, since all take a quarter of an hour of a processor (-only large -restarted 5000 restarts them all). agreed: until all list all, after the last return. Bytes are per member, roll cpu of all members together; form cpu and peak heap are those of the simulation."
	}
	return ""
}

// A why is the reason for which goals may be missed, for readers who see that they are. It
// names causes; the figures are beside it.
type why struct {
	titles []string // in full, see [full]
	text   string
}

func reasons() []why {
	return []why{
		{[]string{"ping→ack without sockets, CPU"}, "Beyond decoding and encoding, a packet passes the interface of the transport and the lock of the node, its sender is looked up, and its moment is read from the clock; the floor knows nobody and needs no time. Goals in nanoseconds were set where the floor takes 28."},
		{[]string{"gossip of 20 known members, CPU"}, "Twenty names are looked up among 1,000, and what is held of each is compared with what is said: that is memory to be touched, as the floor shows, which does the same with a map."},
		{[]string{"ping→ack over UDP, CPU of the process"}, "Beyond the floor's two system calls a node takes its lock, looks up who is at the address, reads the clock, and writes the fingerprints of its tables into the ack; the kernel is nine tenths of the figure on both sides."},
		{[]string{"64 real nodes at rest, CPU per node-second", "128 real nodes at rest, CPU per node-second"}, "Two packets a second are too few to be in flight together: each wakes a sleeping thread, and what is measured is mostly how the kernel and the Go scheduler wake up. The floor ticks for all its sockets at once, and a node of nekton for itself. That scatters by a third from run to run, so that even the floor may come out above a library."},
		{[]string{"128 real nodes at rest, garbage", "128 real nodes at rest, allocations"}, "A node at rest allocates nothing, as an allocation profile of one shows; what is counted is what the runtime does in the watched seconds."},
		{[]string{"128 real nodes at rest, goroutines per node"}, "A node reads packets, accepts streams and waits for its next deadline, one goroutine each; what is above that are streams that were open at the moment."},
		{[]string{"128 real nodes at rest, heap per node"}, "A third of it, by a heap profile, is the table of members with its indexes, which the goal allows for; the rest is what a node has in any case, in many small pieces: the runtime's goroutines, counters and settings, a buffer to read packets into, sockets and contexts, deadlines, the states of probe, quorum and store."},
		{[]string{"128 real nodes with 20 keys and push-pull 2 s, CPU per node-second"}, "It opens no stream, but compares fingerprints every two seconds by a ping and its ack, beside a probe in each five: most of the figure is again the kernel's for waking up."},
		{[]string{"protocol CPU per node-second in virtual time, 64 nodes", "protocol CPU per node-second in virtual time, 256 nodes"}, "The network in memory is in the figure: a timer, a goroutine and three allocations for each packet, which are the floor's figure. In a bubble all nodes share one processor's cache, in which their tables do not stay from one packet to the next: the more nodes, the more each touch costs."},
		{[]string{"push-pull of 10,000 members in sync, CPU", "push-pull of 10,000 members in sync, bytes"}, "This is a push-pull that is forced. At its own interval v2 opens no stream while fingerprints agree, so that this is paid by joins and repairs only. Opening and closing a stream is a good part of it, as the floor shows."},
		{[]string{"heap per known member of 10,000"}, "A row has name, address, life and incarnation, state, the metadata, and an index by name and one by address."},
		{[]string{"join of 64, p50", "join of 64, p90", "join of 64, the slowest"}, "What gossip has missed in the storm of a join waits for the next comparison of fingerprints, which comes once tables have been still for two gossip intervals."},
		{[]string{"join of 64, bytes of packets and streams"}, "Members that learn of each other by gossip and by push-pull at once are told many things twice."},
		{[]string{"update to all of 64, p50"}, "Members gossip along a graph in which everybody is at most five hops from everybody else, and a member that was silent forwards at once. If a packet is lost, the next round of gossip, after 200 ms at most, or a comparison of fingerprints brings the news."},
		{[]string{"update to all of 64, bytes"}, "A packet that carries 32 bytes of news is about 90 bytes long. Each member knows of eight copies before it is silent, λ⌈log₁₀(n+1)⌉ with the multiplier of four that both sides have. At nekton those that it has heard are among them, so that it sends a little more than four; at memberlist it sends all eight."},
		{[]string{"update to all of 64, not everywhere after 2 s", "update to all of 64, at 20 % loss"}, "What gossip has missed waits for a comparison of fingerprints: a push-pull follows when tables have been still for a while."},
		{[]string{"a killed node of 64, first to notice, p50", "a killed node of 64, first to notice at 20 % loss, p50"}, "The shortest suspicion is 4 × log₁₀(64) = 7.22 s on both sides, and a probe that fails takes its timeout and its indirect round before it accuses. The rest is the wait until somebody probes the dead member at all, or misses its ping: a third of a period at one probe a period and member, and a quarter would be the least, if the two were half a period apart."},
		{[]string{"a killed node of 64, from the first to the last, greatest"}, "A verdict spreads by gossip, within a second; members that have not heard of the suspicion in time begin one of their own."},
		{[]string{"20 % loss and no stream pings, false deaths", "20 % loss on streams as well, false deaths"}, "A member is suspected when the direct pings of a period and those of three helpers are all lost, and dies falsely when no refutation arrives before the suspicion has run out; without streams, or with streams that are as lossy, nothing else speaks for it."},
		{[]string{"16 of 128 hang for 8 s, false deaths", "16 of 128 hang for 8 s, premature deaths"}, "A member that hangs misses refutations, and comes back with suspicions that have run out meanwhile."},
		{[]string{"memberlist's wire: ping→ack, CPU"}, "On memberlist's wire names of fields travel with each message, and have to be compared."},
		{[]string{"memberlist's wire: gossip of 20, CPU", "memberlist's wire: gossip of 20, allocations"}, "Each member is five named fields and a name to be looked up; the floor, which does nothing else, is most of the figure."},
		{[]string{"memberlist's wire: push-pull of 10,000, CPU, uncompressed"}, "20,000 rows are written and 20,000 are read and looked up, both ends together; tables of 10,000 do not stay in the processor's cache. The goal was set where memberlist takes 41 ms: it stands for 6.8 times less."},
	}
}

// reason is that of an axis; empty if there is nothing to say.
func reason(title string) string {
	for _, w := range reasons() {
		if slices.Contains(w.titles, title) {
			return w.text
		}
	}
	return ""
}

// ahead says why memberlist may have the lower figure.
func ahead(title, name string) string {
	switch {
	case name != "nekton v1":
		return reason(title)
	case strings.HasPrefix(title, "a killed node"):
		return "On memberlist's wire a request to probe for us cannot say how long we wait, so that relays take their whole time; what differs is when somebody happens to probe the dead member first."
	case strings.HasPrefix(title, "join"):
		return "On memberlist's wire there are no fingerprints: who has joined trades whole tables with a random member until one brings next to nothing. That is what the longest waits are cut by, and what the bytes are."
	case strings.HasPrefix(title, "rolling restart"):
		return "Members that come back trade whole tables with others than their seed, too, and pass on by gossip what was news in them: that is why all list all at once."
	case strings.HasSuffix(title, "CPU per node-second"):
		return "Members of nekton trade their first tables within thirty seconds of their start, which may be in the window; memberlist waits for as long as it does between any two. Besides, these figures scatter by a third from run to run."
	case strings.HasSuffix(title, "heap per node"):
		return "Members of memberlist may send datagrams of any length, so that v1 has room for 64 KiB from the first one on."
	case strings.HasSuffix(title, "bytes on streams"), strings.HasPrefix(title, "update with the settings"):
		return "On memberlist's wire values travel with push-pulls to random members, as often on both sides."
	}
	return ""
}
