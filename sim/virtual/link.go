package virtual

import (
	"math"
	"math/rand/v2"
	"time"
)

// A Delay is how long something takes: a distribution. Samples are never negative.
type Delay interface {
	Sample(r *rand.Rand) time.Duration
}

// Constant is always the same time.
type Constant time.Duration

// Sample returns it.
func (d Constant) Sample(*rand.Rand) time.Duration { return time.Duration(d) }

// Uniform is anything from Min to Max, equally likely.
type Uniform struct{ Min, Max time.Duration }

// Sample draws one.
func (d Uniform) Sample(r *rand.Rand) time.Duration {
	if d.Max <= d.Min {
		return d.Min
	}
	return d.Min + time.Duration(r.Int64N(int64(d.Max-d.Min)+1))
}

// Exponential is Min and a random rest with a mean: mostly short, now and then long.
type Exponential struct{ Min, Mean time.Duration }

// Sample draws one.
func (d Exponential) Sample(r *rand.Rand) time.Duration {
	return d.Min + time.Duration(r.ExpFloat64()*float64(d.Mean))
}

// LogNormal has a median and a heavy tail: Sigma is the standard deviation of the
// logarithm; 0.5 puts the 99th percentile at 3.2 times the median. Round trips in
// data centres and over the internet look like this.
type LogNormal struct {
	Median time.Duration
	Sigma  float64
}

// Sample draws one.
func (d LogNormal) Sample(r *rand.Rand) time.Duration {
	return time.Duration(float64(d.Median) * math.Exp(d.Sigma*r.NormFloat64()))
}

// A Link is how datagrams travel in one direction. Probabilities are from 0 to 1.
type Link struct {
	// Delay is the time on the way. Nil: none.
	Delay Delay
	// Loss is the probability that a datagram, or a segment of a stream, is lost.
	Loss float64
	// Duplicate is the probability that a datagram arrives twice.
	Duplicate float64
	// Reorder is the probability that a datagram takes Late longer than the others.
	Reorder float64
	// Late is by how much. Nil: uniform up to 100 ms.
	Late Delay
	// NoStreams lets every stream fail as if the segments were lost, while datagrams
	// pass: a firewall.
	NoStreams bool
	// NoPackets loses all datagrams, while streams pass.
	NoPackets bool
}

// Clean reports whether the link does nothing but take time.
func (l Link) Clean() bool {
	return l.Loss == 0 && l.Duplicate == 0 && l.Reorder == 0 && !l.NoStreams && !l.NoPackets
}

// join is the link that goes through both.
func (l Link) join(o Link) Link {
	if o == (Link{}) {
		return l
	}
	l.Loss = 1 - (1-l.Loss)*(1-o.Loss)
	l.Duplicate = 1 - (1-l.Duplicate)*(1-o.Duplicate)
	l.Reorder = 1 - (1-l.Reorder)*(1-o.Reorder)
	if l.Late == nil {
		l.Late = o.Late
	}
	switch {
	case l.Delay == nil:
		l.Delay = o.Delay
	case o.Delay != nil:
		l.Delay = sum{l.Delay, o.Delay}
	}
	l.NoStreams = l.NoStreams || o.NoStreams
	l.NoPackets = l.NoPackets || o.NoPackets
	return l
}

// sum is two delays after each other.
type sum struct{ a, b Delay }

func (d sum) Sample(r *rand.Rand) time.Duration { return d.a.Sample(r) + d.b.Sample(r) }

func (l *Link) delay(r *rand.Rand) time.Duration {
	if l.Delay == nil {
		return 0
	}
	return max(0, l.Delay.Sample(r))
}

// travel is the delay of one datagram, which may be late.
func (l *Link) travel(r *rand.Rand) time.Duration {
	d := l.delay(r)
	if !chance(r, l.Reorder) {
		return d
	}
	if l.Late == nil {
		return d + Uniform{0, 100 * time.Millisecond}.Sample(r)
	}
	return d + max(0, l.Late.Sample(r))
}

// chance is true with a probability. Certainty costs no number.
func chance(r *rand.Rand, p float64) bool { return p > 0 && (p >= 1 || r.Float64() < p) }

// A Network is what holds for all links.
type Network struct {
	// Link is what lies between any two hosts.
	Link Link
	// LosslessStreams spares streams the loss of the link.
	LosslessStreams bool
	// StreamTimeout bounds a stream from the first segment to the last.
	StreamTimeout time.Duration
	// PingTimeout bounds a stream that only asks whether somebody is there.
	PingTimeout time.Duration
	// MaxIncoming is how many streams a host serves at a time; one more is closed at
	// once. 0: any number.
	MaxIncoming int
	// ReceiveBuffer is how much a paused or held host's socket keeps of what arrives.
	// Bytes of datagrams; more is lost.
	ReceiveBuffer int
	// SendQueue is how much waits for an uplink of limited bandwidth. Bytes; more is
	// lost.
	SendQueue int
}

// DefaultNetwork is a quiet local network: 0.2 to 1.2 ms one way, nothing lost,
// streams as the façade has them.
func DefaultNetwork() Network {
	return Network{
		Link:          Link{Delay: Uniform{200 * time.Microsecond, 1200 * time.Microsecond}},
		StreamTimeout: 10 * time.Second, PingTimeout: 8 * time.Second,
		MaxIncoming: 64, ReceiveBuffer: 2 << 20, SendQueue: 256 << 10,
	}
}

// A pair is two hosts and a direction, by their numbers.
type pair struct{ from, to int32 }

// SetLink makes everything from one host to another travel over l, whatever Net says.
func (w *World) SetLink(from, to *Host, l Link) { w.pairs[pair{from.number, to.number}] = l }

// ResetLink undoes SetLink.
func (w *World) ResetLink(from, to *Host) { delete(w.pairs, pair{from.number, to.number}) }

// Links is how many pairs have a link of their own.
func (w *World) Links() int { return len(w.pairs) }

// link is what lies between two hosts now.
func (w *World) link(from, to *Host) Link {
	l := w.Net.Link
	if len(w.pairs) > 0 {
		if own, ok := w.pairs[pair{from.number, to.number}]; ok {
			l = own
		}
	}
	return l.join(from.Out).join(to.In)
}
