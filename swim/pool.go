package swim

// A pool holds short-lived records by index, so that they can be named by a
// deadline, reused without allocation, and copied with the core.
type pool[T any] struct {
	items []T
	free  []ref
	used  int
}

// take returns a zero record.
func (p *pool[T]) take() (ref, *T) {
	p.used++
	var zero T
	if n := len(p.free); n > 0 {
		r := p.free[n-1]
		p.free = p.free[:n-1]
		p.items[r] = zero
		return r, &p.items[r]
	}
	p.items = append(p.items, zero)
	return ref(len(p.items) - 1), &p.items[len(p.items)-1]
}

func (p *pool[T]) at(r ref) *T { return &p.items[r] }

// give returns a record to the pool.
func (p *pool[T]) give(r ref) {
	p.used--
	p.free = append(p.free, r)
}

// trim lets go of what a burst has made large, when it is over. Nobody may hold an
// index into a pool without records.
func (p *pool[T]) trim() {
	if p.used == 0 && cap(p.items) > maxPooled {
		p.items, p.free = nil, nil
	}
}

// maxPooled is how many records an empty pool may have room for.
const maxPooled = 4
