package agent

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// A printer writes lines with the time of day. Events come from one goroutine and
// the life of the node from another, so it has a lock.
type printer struct {
	mu sync.Mutex
	w  io.Writer
}

// printf prints a line about now.
func (p *printer) printf(format string, args ...any) { p.at(time.Now(), format, args...) }

// at prints a line about a moment.
func (p *printer) at(when time.Time, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(p.w, "%s %s\n", when.Format("15:04:05.000"), fmt.Sprintf(format, args...))
}
