// Package metrics shows what a node counts to Prometheus.
//
//	registry := prometheus.NewRegistry()
//	registry.MustRegister(metrics.New(node, nil))
//	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
//
// It is a package of its own so that client_golang is linked only by programs that
// import it. The library itself counts in a plain struct, [nekton.Stats], and this
// package does nothing but read one consistent snapshot of it for each scrape.
//
// # Names
//
// All names begin with nekton_, units are seconds and bytes, and counters end in
// _total, by the conventions of Prometheus; a test holds that with Prometheus' own
// linter. The words are those of the protocol: a probe is a protocol period's
// question, a suspicion is what a member has when its probe failed, and so on;
// each metric says in its help what it is.
//
// Every metric carries the label node, the id of the node, so that several nodes of
// one process may share a registry and stay apart. Further labels can be given to
// New, the same ones to all nodes of a registry; cluster, version and domain are labels of nekton_node_info only, to be joined
// where they are wanted:
//
//	nekton_in_quorum * on (node) group_left (domain) nekton_node_info
//
// # Counters begin anew
//
// The counters of the protocol and of the sockets start at zero whenever a node
// opens its sockets, as they would with a new process. Prometheus takes that for a
// restart, so rate and increase are right all the same.
//
// # What to look at first
//
//	nekton_in_quorum == 0                    this node must not act for the cluster
//	nekton_local_health_score                this node is slow itself: its own probes fail
//	nekton_members{state="suspect"}          somebody is slow, or about to be declared dead
//	rate(nekton_refutations_total[5m])       others accuse this node, which is alive
//	rate(nekton_probe_failures_total[5m])    probes that nothing answered
//	nekton_cut_off == 1                      this node hears from nobody
//
// # Concurrency and cost
//
// A collector may be used concurrently. A scrape costs one Stats call, which is
// O(members), and about a hundred samples; nothing runs between scrapes.
package metrics
