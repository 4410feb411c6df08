package page

const intro = `Both libraries do the same work, in one process, in turns. This page and its charts are made of the raw
results of one run and of nothing else.`

const legend = `Ratios are memberlist's figure over nekton's. "Compression off" is memberlist with its default
compression switched off, which is the fairer opponent for CPU. The floor is the least that any program can do: bare sockets and
a codec written by hand for memberlist's bytes. "v2" is nekton on its own wire, "v1" nekton on memberlist's.`

const fairness = `## How it is kept fair

- **The same settings.** Probe interval, probe timeout, gossip interval, push-pull interval and suspicion multiplier are set alike;
  fan-out 3, retransmit multiplier 4, three indirect probes, 1400-byte packets and stream pings are the defaults of both. LAN: probe 1 s,
  timeout 500 ms, gossip 200 ms, push-pull 30 s, suspicion 4. StoreMap: probe 5 s, timeout 200 ms, gossip 2 s, push-pull 2 s, suspicion 5.
- **memberlist as it comes**, and once more with compression off. Its queue between goroutines (HandoffQueueDepth) is never made to
  overflow: gossip is handed over in batches that it holds.
- **The same transport class.** On sockets, memberlist uses its own transport and nekton its own, behind wrappers that count
  bytes. Without sockets and in virtual time, each library's transport interface is served directly: nekton by calls, memberlist by
  channels, as each wants it.
- **No logs on either side**, and no application above it, except where values are published: there, memberlist carries what
  libopenstorage/gossip puts on it.
- **Turns.** The sides alternate in each run, the heap is collected before each turn, and figures are medians with their spread. Scenarios
  of one packet run on one processor (GOMAXPROCS=1): on two, idle workers of the collector burn the second one, four times as much for
  memberlist.
- **What is counted.** CPU is that of the whole process by getrusage, user and system; allocations and heap are the Go runtime's; bytes
  are those handed to sockets. Steady CPU on real sockets is mostly the kernel's, and wake-ups': it is to be read beside the floor only.
- **One simulated network.** In virtual time both libraries run unmodified inside testing/synctest, nekton by its public API with
  WithTransport, on one network in memory: one way 0.2 to 1.2 ms, the same loss, the same hangs. memberlist draws from the global random
  source there, so that runs are alike and not equal.
- **Not equal:** nekton has no metadata of the program; what is compared with memberlist's metadata is a value in its StoreMap. On
  memberlist's wire values travel by push-pull only, so v1 is missing there. nekton is told the ids of all nodes when values are
  published, as users of libopenstorage/gossip do it; memberlist needs none of that.
`

// explained says in a sentence what a scenario is.
func explained(scenario string) string {
	switch scenario {
	case "packet":
		return "One packet, without sockets, on one processor: a ping that is answered; gossip about 20 of 1,000 members, of which nothing is new. Per packet."
	case "udp":
		return "A ping and its ack over UDP on loopback, one at a time, the asker included. Per round trip."
	case "table":
		return "One push-pull over TCP on loopback, both ends: of tables that agree, and with some rows newer at one side. 32 bytes of metadata."
	case "memory":
		return "Heap per known member, with 32 bytes of metadata: full, right after all were learnt by gossip; drained, when gossip has come to rest. cpu: to learn of one."
	case "life":
		return "A node on real sockets, started and stopped at once."
	case "steady":
		return "A cluster on real sockets at rest, all in one process. Per node and second, but for goroutines and heap, which are per node."
	case "rest":
		return "The same in virtual time: the protocol without kernel and wake-ups. Per node and second."
	case "join":
		return "All members start at once and join through the first: until every one lists every other. Virtual time."
	case "detect":
		return "Members are killed one after another, at any phase of the period; a new one takes the place of each. The first, the median and the last survivor to notice, and deaths of members that live. Virtual time."
	case "update":
		return "One member publishes 32 bytes: until half and until all have them, and bytes beyond those of a cluster at rest. StoreMap: the settings of libopenstorage/gossip, with 20 keys per node and all bytes. Virtual time."
	case "blocked":
		return "An eighth of the members hangs for some seconds, runs for one, and hangs again, for two minutes. False: a member that never hung was declared dead. Virtual time."
	case "rolling":
		return "All members are restarted, one in each 50 ms, in nekton's simulator, which memberlist does not run in."
	}
	return ""
}
