package peer

import (
	"fmt"
	"log"
	"strings"
	"sync"
)

// A Journal keeps what a member of memberlist logs. It is the only place where that
// library tells who suspects whom. All methods may be called concurrently.
type Journal struct {
	mu    sync.Mutex
	lines []string
}

// Write takes one line.
func (j *Journal) Write(b []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, strings.TrimSuffix(string(b), "\n"))
	return len(b), nil
}

// Logger writes to the journal.
func (j *Journal) Logger() *log.Logger { return log.New(j, "", log.Ltime|log.Lmicroseconds) }

// Lines returns the lines that contain any of the texts.
func (j *Journal) Lines(texts ...string) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var found []string
	for _, line := range j.lines {
		for _, text := range texts {
			if strings.Contains(line, text) {
				found = append(found, line)
				break
			}
		}
	}
	return found
}

// Accusations are the lines about members that this one suspected by its own probe,
// or declared dead, and about its own name being accused.
func (j *Journal) Accusations() []string {
	return j.Lines("has failed, no acks received", "as failed, suspect timeout", "Refuting a suspect", "Refuting a dead")
}

// Complaints are the lines about messages that this member did not understand.
func (j *Journal) Complaints() []string {
	return j.Lines("[ERR]", "[WARN]")
}

// String shows everything.
func (j *Journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return fmt.Sprintf("%d lines\n%s", len(j.lines), strings.Join(j.lines, "\n"))
}
