package swim_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/nekton-go/nekton/swim"
)

// The heap against a list that is searched from end to end: what is earliest
// fires, among equals what was set first, and what was cancelled never does.
func TestDeadlinesFireInOrderOfTimeThenOfSetting(t *testing.T) {
	type entry struct {
		at         time.Duration
		id, handle int
	}
	rapid.Check(t, func(t *rapid.T) {
		var heap swim.DeadlineHeap
		var list []entry // in the order of setting
		next := 0
		earliest := func() int {
			best := -1
			for i, e := range list {
				if best < 0 || e.at < list[best].at {
					best = i
				}
			}
			return best
		}
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				at := time.Duration(rapid.IntRange(0, 5).Draw(t, "at"))
				list = append(list, entry{at, next, heap.Set(at, next)})
				next++
			},
			"cancel": func(t *rapid.T) {
				if len(list) == 0 {
					t.Skip("nothing to cancel")
				}
				i := rapid.IntRange(0, len(list)-1).Draw(t, "which")
				heap.Cancel(list[i].handle)
				list = slices.Delete(list, i, i+1)
			},
			"pop": func(t *rapid.T) {
				now := time.Duration(rapid.IntRange(0, 5).Draw(t, "now"))
				id, ok := heap.Pop(now)
				i := earliest()
				if want := i >= 0 && list[i].at <= now; ok != want {
					t.Fatalf("pop(%d): %v, want %v", now, ok, want)
				}
				if ok {
					if id != list[i].id {
						t.Fatalf("pop(%d): deadline %d, want %d", now, id, list[i].id)
					}
					list = slices.Delete(list, i, i+1)
				}
			},
			"": func(t *rapid.T) {
				at, ok := heap.Next()
				i := earliest()
				if ok != (i >= 0) || ok && at != list[i].at {
					t.Fatalf("next is %v, %v; the list says %d", at, ok, i)
				}
			},
		})
	})
}

func TestCancellingNoDeadlineIsFine(t *testing.T) {
	var heap swim.DeadlineHeap
	heap.Cancel(0)
	heap.Set(1, 1)
	heap.Cancel(0)
	if _, ok := heap.Next(); !ok {
		t.Error("cancelling none took one away")
	}
}
