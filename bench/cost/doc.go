// Package cost compares what the same work costs on memberlist's wire: nekton's nodes of
// gossip version v1 beside members of memberlist v0.7.0, in one process and one run.
//
// The benchmarks are its tests. Each hands a whole member, without sockets, the bytes of
// a packet or of a push-pull, and waits for its answer, so that what is counted is
// decoding, judging and encoding, with the goroutines that each library has for it. CPU
// is that of the process, garbage collection included; run them with one processor,
// since idle workers of the collector count as well:
//
//	go test -run '^$' -bench . -cpu 1 ./cost
//	NEKTON_LONG=1 go test -run Table -v -cpu 1 ./cost    # with ratios
//
// Encoding and decoding alone are not reachable from outside memberlist. Those figures
// are of its msgpack library, used as memberlist uses it: a handle and a coder per
// message.
package cost
