// Package sim is a deterministic simulator of whole clusters. It runs the production
// state machine of a node, package internal/node: failure detector, quorum and store,
// every byte of every packet, on the virtual clock and network of package
// sim/virtual. One seed determines a run; the same seed and the same calls give the
// same run, bit for bit.
//
// It has three uses: to find bugs of the protocol before users do, to see how the
// protocol behaves where no test bed reaches, and to size a cluster before it is
// deployed. Users can run it below their own tests.
//
//	c, err := sim.New(sim.Config{Seed: 7})
//	if err != nil { … }
//	nodes, err := c.Form(100)                      // a hundred nodes join through the first
//	if err != nil { … }
//	c.Until(time.Minute, c.Agreed)                 // until all list all
//	c.Net.Link.Loss = 0.1
//	nodes[3].Crash()
//	c.Until(time.Minute, c.Agreed)                 // until nobody lists it
//
// # The cast
//
//   - A [Cluster] is the world: clock, network (it embeds a *virtual.World) and nodes.
//   - A [Node] is a member under one name. It may crash, restart with the same or a
//     higher generation, at the same or another address: each life is a new process,
//     a *virtual.Host, with a new state machine.
//   - An [Observer] is told every event of every node, as it happens.
//   - [Laws] are invariants that hold in every run, each with a name and a sentence;
//     a [Checker] observes a cluster and holds them against it.
//   - A [Meter] observes a cluster and measures it: who learnt what when, what was
//     false, what it cost.
//
// # What is real and what is not
//
// Real: everything above the sockets and below the application, in the release that
// you link. Not real: processors are infinitely fast unless a node is told to be slow,
// and the network has no queues but the uplinks that are given one. Joining behaves as
// in the façade: a seed that hangs up because it is busy is tried again, with doubling
// pauses.
//
// # Other packages
//
// sim/virtual is the clock and the network. sim/scenario reads stories in text files.
// sim/swarm makes up random ones and shrinks what fails. sim/explore walks through all
// interleavings of a small cluster. internal/papers repeats published experiments.
package sim
