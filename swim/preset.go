package swim

import "time"

// A preset is a Config without what is a node's own: name, address, codec, chance.
// Those of the papers and of memberlist differ from the rest in [Rules]. They are
// here, beside the rules, so that whoever adds a rule says who has it.

// LAN is the configuration for one site: the defaults.
func LAN() Config { return Config{} }

// WAN is the configuration for members far apart: it waits longer, and talks
// less often to more members at a time.
func WAN() Config {
	return Config{
		ProbeInterval: 5 * time.Second, ProbeTimeout: 2 * time.Second, SuspicionMult: 6,
		GossipInterval: 500 * time.Millisecond, GossipNodes: 4, GossipToTheDead: time.Minute,
		PushPullInterval: time.Minute,
	}
}

// Local is the configuration for members on one machine.
func Local() Config {
	return Config{
		ProbeTimeout: 200 * time.Millisecond, IndirectProbes: 1, SuspicionMult: 3, RetransmitMult: 2,
		GossipInterval: 100 * time.Millisecond, GossipToTheDead: 15 * time.Second,
		PushPullInterval: 15 * time.Second,
	}
}

// Prototype2002 is the prototype of the SWIM paper (§5): k = 1, news by piggyback
// alone, at most six pieces a packet, 3 ⌈ln(n+1)⌉ sends, suspicions of as many
// periods, deaths that are final, datagrams only. Targets go round robin (§4.3).
//
// The caller sets ProbeInterval (T', 2 s in the paper) and ProbeTimeout (the
// estimate of the round trip, at most a third of it). SuspicionMult Off is the
// variant without suspicion. A newcomer joins by a stream, and sends and gets
// tables there; the paper leaves open how.
func Prototype2002() Config {
	return Config{
		IndirectProbes: 1, ProbeRetries: Off, NoStreamProbe: true, NackAfter: Off, HealthMax: Off,
		SuspicionMult: 3, SuspicionMaxMult: 1, SuspicionConfirmations: Off,
		GossipInterval: Off, GossipToTheDead: Off, RetransmitMult: 3, MaxPiggyback: 6,
		PushPullInterval: Off, HealInterval: Off,
		Rules: Rules{
			IgnoreSilence: true, VerdictAtPeriodEnd: true, CountStalls: true, NoCutOff: true,
			NoBuddy: true, NoRepeat: true, TrustDeaths: true, NaturalSuspicion: true,
			NaturalRetransmits: true, BlindGossip: true, NoPrints: true, NoCatchUp: true,
			DeathIsFinal: true, TrustHearsay: true, OnlyIncarnations: true,
		},
	}
}

// Memberlist is hashicorp/memberlist with the settings it ships for a LAN: Lifeguard
// as it has it, on its own base. Its other settings are WAN's and Local's but for
// ProbeTimeout on a WAN, 3 s; SuspicionConfirmations is SuspicionMult - 2,
// TombstoneTTL is GossipToTheDead. What stays nekton's is the wire, with the bytes
// that it takes, the queue, and that departures are acknowledged.
func Memberlist() Config {
	return Config{
		ProbeRetries: Off, NackAfter: 100, SuspicionConfirmations: 2,
		HealInterval: Off, TombstoneTTL: 30 * time.Second,
		Rules: Rules{
			SerialProbes: true, IgnoreSilence: true, VerdictAtPeriodEnd: true, HealthSparesTimeout: true,
			CountStalls: true, NoCutOff: true,
			BuddyOnPingsOnly: true, NoRepeat: true, TrustDeaths: true, AnyAccuserCounts: true, AllOrNothingK: true,
			BlindGossip: true, NoEagerGossip: true,
			NoPrints: true, WholeTables: true, ScalePushPull: true, NoCatchUp: true,
			ForgetLosers: true, TrustHearsay: true, OnlyIncarnations: true, AddressConflicts: true,
		},
	}
}

// Components are the parts of Lifeguard, which its paper measures one by one. They
// are or-ed together.
type Components uint8

const (
	// LHAProbe is local health aware probing (§IV-A): a score up to 8 that
	// stretches ProbeTimeout and the period, nacks at 80 %.
	LHAProbe Components = 1 << iota
	// LHASuspicion is local health aware suspicion (§IV-B): β 6, K 3.
	LHASuspicion
	// BuddySystem puts a suspicion onto pings to the suspect (§IV-C).
	BuddySystem

	// FullLifeguard is all three.
	FullLifeguard = LHAProbe | LHASuspicion | BuddySystem
)

// PaperSWIM is what the Lifeguard paper measures against and calls SWIM: memberlist
// without any part of Lifeguard, α 5, β 1. The dead stay in the table.
func PaperSWIM() Config {
	cfg := Memberlist()
	cfg.SuspicionMult, cfg.SuspicionMaxMult, cfg.SuspicionConfirmations = 5, 1, Off
	cfg.HealthMax, cfg.NackAfter = Off, Off
	cfg.TombstoneTTL = 0
	cfg.Rules.HealthSparesTimeout = false
	cfg.Rules.NoBuddy, cfg.Rules.BuddyOnPingsOnly = true, false
	return cfg
}

// PaperLifeguard is PaperSWIM with parts of Lifeguard, as its paper describes them.
// The caller varies SuspicionMult (α, 5 here) and, with LHASuspicion,
// SuspicionMaxMult (β, 6 here), as the paper does.
func PaperLifeguard(parts Components) Config {
	cfg := PaperSWIM()
	if parts&LHAProbe != 0 {
		cfg.HealthMax, cfg.NackAfter = 8, 80
		cfg.Rules.PaperHealth, cfg.Rules.HealthStretchesPeriod = true, true
	}
	if parts&LHASuspicion != 0 {
		cfg.SuspicionMaxMult, cfg.SuspicionConfirmations = 6, 3
	}
	if parts&BuddySystem != 0 {
		cfg.Rules.NoBuddy, cfg.Rules.BuddyOnPingsOnly = false, true
	}
	return cfg
}
