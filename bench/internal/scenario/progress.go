package scenario

import (
	"fmt"
	"time"
)

// progress says how far a run is, and how long the rest may take: by how long each
// scenario is expected to take, and how that was kept so far.
type progress struct {
	parts []part
	at    int // the scenario under way
	done  int // turns of it
	turns int // of all
	past  int // of all, done
	timed bool
	began time.Time
}

func begin(parts []part, timed bool) progress {
	p := progress{parts: parts, timed: timed, began: time.Now()}
	for _, s := range parts {
		p.turns += s.turns
	}
	return p
}

func (p *progress) enter(name string) {
	for i, s := range p.parts {
		if s.name == name {
			p.at, p.done = i, 0
		}
	}
}

// next counts a turn, and returns what to say of it.
func (p *progress) next() string {
	p.done++
	p.past++
	elapsed := time.Since(p.began)
	s := fmt.Sprintf("%3d:%02d  %*d/%d", int(elapsed.Minutes()), int(elapsed.Seconds())%60, len(fmt.Sprint(p.turns)), p.past, p.turns)
	if p.timed {
		s += fmt.Sprintf("  %2.0f min left", p.left(elapsed).Minutes())
	}
	return s
}

// left is how long the rest is expected to take.
func (p *progress) left(elapsed time.Duration) time.Duration {
	var past, all time.Duration
	for i, s := range p.parts {
		all += s.expected
		switch {
		case i < p.at:
			past += s.expected
		case i == p.at && s.turns > 0:
			past += s.expected * time.Duration(min(p.done, s.turns)) / time.Duration(s.turns)
		}
	}
	// At the beginning little is known of this machine.
	pace := (elapsed + time.Minute).Seconds() / (past + time.Minute).Seconds()
	return time.Duration(float64(all-past) * pace)
}
