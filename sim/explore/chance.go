package explore

// chance is the core's source of random choices while one input is followed into all
// its outcomes. The choices made so far are a number in a mixed base, whose digits are
// what IntN returns and whose bases are what it was asked for; next counts.
type chance struct {
	most   int // larger choices are not followed
	digits []int
	bases  []int
	at     int
	seq    int // the first sequence number of a new core
}

// seqSpace is what a core chooses its first sequence number from.
const seqSpace = 1 << 16

// IntN returns the next digit. It implements swim.Rand.
func (c *chance) IntN(n int) int {
	if n == 1 {
		return 0
	}
	if n == seqSpace {
		return c.seq
	}
	if n > c.most {
		return 0
	}
	if c.at == len(c.digits) {
		c.digits, c.bases = append(c.digits, 0), append(c.bases, n)
	}
	v := c.digits[c.at]
	c.bases[c.at] = n
	c.at++
	return v
}

// next goes on to the next combination of choices, and reports whether there is one.
func (c *chance) next() bool {
	c.digits, c.bases, c.at = c.digits[:c.at], c.bases[:c.at], 0
	for i := len(c.digits) - 1; i >= 0; i-- {
		if c.digits[i]++; c.digits[i] < c.bases[i] {
			c.digits, c.bases = c.digits[:i+1], c.bases[:i+1]
			return true
		}
	}
	return false
}
