package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a long run is, on a terminal.
type progress struct {
	s     streams
	quiet bool
	bar   *progressbar.ProgressBar
	phase string
	began time.Time
}

// barAfter is how long a run may take before it shows a bar.
const barAfter = time.Second

func (r *simRun) progress() *progress {
	return &progress{s: r.streams, quiet: r.plain || r.json || !r.errIsTerminal(), began: time.Now()}
}

// tell is a [trial.Progress].
func (p *progress) tell(phase string, now, of time.Duration) {
	if p.quiet || time.Since(p.began) < barAfter {
		return
	}
	if p.bar == nil || p.phase != phase {
		p.end()
		p.phase = phase
		p.bar = progressbar.NewOptions64(of.Milliseconds(),
			progressbar.OptionSetWriter(p.s.err), progressbar.OptionSetDescription(phase), progressbar.OptionSetWidth(40),
			progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionShowElapsedTimeOnFinish(), progressbar.OptionSetRenderBlankState(true))
	}
	_ = p.bar.Set64(now.Milliseconds()) // a bar that cannot be drawn is not missed
}

// end takes the bar away.
func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
