package swarm

import (
	"slices"
	"time"
)

// A Scenario is all that happens in one run: plain data, from which the run follows
// bit for bit. [Scenario.String] and [Parse] are its text.
type Scenario struct {
	// Seed is that of the run: of delays, losses and the nodes' own chance.
	Seed uint64
	// Nodes is how many there are in the beginning. They are numbered from 0, and those
	// that join later follow. Node 0 is everybody's seed; it never moves.
	Nodes int
	// Settings are departures from the defaults.
	Settings []Setting
	// Actions are what happens, in the order of time.
	Actions []Action
}

// A Setting is one departure from the defaults. Settings lists the names.
type Setting struct {
	Name string
	// Node is whom it is about; negative: the cluster.
	Node int
	// Value is in milliseconds, if it is a time; -1 is off; of switches, 1 is on.
	Value int64
}

// An Action is one thing that happens.
type Action struct {
	// At is when, from the start of the first node.
	At   time.Duration
	Kind Kind
	// Who does it or suffers it, Whom is the other side.
	Who, Whom []int
	// By is a number, whose meaning and unit depend on the kind; see [Kind].
	By int64
	// For is how long it lasts; 0: it has no end of its own.
	For time.Duration
}

// A Kind is what an action does.
type Kind string

// The kinds of actions. A node that is not in the state for an action lets it pass.
const (
	Crash   Kind = "crash"   // ends the process
	Vanish  Kind = "vanish"  // ends the machine
	Restart Kind = "restart" // starts the node anew, after a crash if it runs; By: raise its generation by so much
	Move    Kind = "move"    // the same, at a new address, or that of Whom, if that is down
	Skew    Kind = "skew"    // the same, with a wall clock that is By milliseconds ahead
	Zombie  Kind = "zombie"  // freezes the process for a time, while another takes its name; By as for Restart
	Join    Kind = "join"    // a new node joins, through Whom
	Leave   Kind = "leave"   // says goodbye

	Pause  Kind = "pause"  // freezes the process
	Hold   Kind = "hold"   // lets it compute, and not communicate
	Starve Kind = "starve" // gives it the processor for 50 of every By milliseconds, about
	Slow   Kind = "slow"   // makes every input take about By milliseconds

	Cut   Kind = "cut"   // nothing gets from Who to Whom
	Split Kind = "split" // nothing gets from one side to the other
	Flap  Kind = "flap"  // a split that comes and goes every By milliseconds

	Loss      Kind = "loss"      // By percent of datagrams and segments are lost; from Who to Whom, or everywhere
	Duplicate Kind = "duplicate" // By percent of datagrams arrive twice
	Late      Kind = "late"      // By percent of datagrams are up to 300 ms late, and overtaken
	NoStreams Kind = "nostreams" // no stream works; from Who to Whom, or everywhere
	NoPackets Kind = "nopackets" // no datagram gets from Who to Whom
	Mute      Kind = "mute"      // By percent of what the node sends is lost
	Deaf      Kind = "deaf"      // By percent of what is sent to it is lost
	Uplink    Kind = "uplink"    // it sends at most By bytes per second

	Set        Kind = "set"        // changes a key: number By%8, of By/8 bytes
	Delete     Kind = "delete"     // deletes key number By
	Dismiss    Kind = "dismiss"    // the application no longer counts on it
	Update     Kind = "update"     // the application tells all nodes about all, with their present addresses
	Activate   Kind = "activate"   // failure domain number By counts
	Deactivate Kind = "deactivate" // it does not
)

// Kinds are all kinds of actions.
func Kinds() []Kind {
	return []Kind{
		Crash, Vanish, Restart, Move, Skew, Zombie, Join, Leave, Pause, Hold, Starve, Slow, Cut, Split, Flap,
		Loss, Duplicate, Late, NoStreams, NoPackets, Mute, Deaf, Uplink, Set, Delete, Dismiss, Update, Activate, Deactivate,
	}
}

// End is when the last action is over.
func (s *Scenario) End() time.Duration {
	end := time.Duration(0)
	for _, a := range s.Actions {
		end = max(end, a.At+a.For)
	}
	return end
}

// Clone is a copy that shares nothing.
func (s *Scenario) Clone() Scenario {
	c := *s
	c.Settings = slices.Clone(s.Settings)
	c.Actions = slices.Clone(s.Actions)
	for i := range c.Actions {
		c.Actions[i].Who = slices.Clone(c.Actions[i].Who)
		c.Actions[i].Whom = slices.Clone(c.Actions[i].Whom)
	}
	return c
}

// sort brings the actions into the order of time.
func (s *Scenario) sort() {
	slices.SortStableFunc(s.Actions, func(a, b Action) int { return int(a.At - b.At) })
}
