package virtual

import "time"

// An occurrence is something that is going to happen. The kinds that happen by the
// million have their own fields; all else is a function.
type occurrence struct {
	kind  kind
	host  *Host
	from  *Host // packets: who sent it
	bytes []byte
	do    func()
}

type kind uint8

const (
	kindFunc   kind = iota // do
	kindPacket             // bytes reach host
	kindWake               // host wanted to be woken
)

// queue is a heap of what waits, with four children to a node, so that it is half as
// deep as a binary one. The keys are small and apart from what they stand for: moving
// them is what costs.
type queue struct {
	keys  []key
	items []occurrence // addressed by key.item
	free  []int32
	count uint64 // occurrences so far
}

type key struct {
	at    time.Duration
	order uint64 // things of the same time happen in the order in which they were decided
	item  int32
}

func (k *key) before(o *key) bool { return k.at < o.at || k.at == o.at && k.order < o.order }

// push lets o happen at a time.
func (q *queue) push(at time.Duration, o occurrence) {
	var item int32
	if n := len(q.free); n > 0 {
		item, q.free = q.free[n-1], q.free[:n-1]
		q.items[item] = o
	} else {
		item = int32(len(q.items))
		q.items = append(q.items, o)
	}
	q.count++
	q.keys = append(q.keys, key{at, q.count, item})
	q.up(len(q.keys) - 1)
}

// next is when the next thing happens.
func (q *queue) next() (time.Duration, bool) {
	if len(q.keys) == 0 {
		return 0, false
	}
	return q.keys[0].at, true
}

// pop takes the next thing out.
func (q *queue) pop() (time.Duration, occurrence) {
	top := q.keys[0]
	last := len(q.keys) - 1
	q.keys[0] = q.keys[last]
	q.keys = q.keys[:last]
	if last > 0 {
		q.down(0)
	}
	o := q.items[top.item]
	q.items[top.item] = occurrence{}
	q.free = append(q.free, top.item)
	return top.at, o
}

const children = 4

func (q *queue) up(i int) {
	k := q.keys[i]
	for i > 0 {
		parent := (i - 1) / children
		if !k.before(&q.keys[parent]) {
			break
		}
		q.keys[i] = q.keys[parent]
		i = parent
	}
	q.keys[i] = k
}

func (q *queue) down(i int) {
	k := q.keys[i]
	for {
		first := children*i + 1
		if first >= len(q.keys) {
			break
		}
		least := first
		for c := first + 1; c < min(first+children, len(q.keys)); c++ {
			if q.keys[c].before(&q.keys[least]) {
				least = c
			}
		}
		if !q.keys[least].before(&k) {
			break
		}
		q.keys[i] = q.keys[least]
		i = least
	}
	q.keys[i] = k
}
