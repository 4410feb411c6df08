package demo

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/nekton-go/nekton/types"
)

// Seconds prints a duration for people: milliseconds below a second, and no more
// than was measured.
func Seconds(d time.Duration) string {
	switch {
	case d < Resolution:
		return fmt.Sprintf("< %d ms", Resolution/time.Millisecond)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond)/time.Millisecond)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// Short is the name of a status without what all of them begin with.
func Short(s types.NodeStatus) string { return strings.TrimPrefix(s.String(), "NODE_STATUS_") }

// describe prints values in the order of their keys.
func describe(m types.StoreMap) string {
	if len(m) == 0 {
		return "nothing"
	}
	var out []string
	for k, v := range m {
		out = append(out, fmt.Sprintf("%s=%v", k, v))
	}
	sort.Strings(out)
	return strings.Join(out, " ")
}

// enumerate joins what was seen, and says how much more there is.
func enumerate(seen []string) string {
	const most = 4
	if len(seen) > most {
		return fmt.Sprintf("%s, and %d more", strings.Join(seen[:most], ", "), len(seen)-most)
	}
	return strings.Join(seen, ", ")
}

// list prints ids as a sentence would.
func list(ids []types.NodeId) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}
