package transport

// streamStack is about what a stream takes of the stack of its goroutine, which begins
// with a quarter. Bytes.
const streamStack = 6 << 10

// deepen makes the stack of a goroutine that has just begun as large as a stream will need
// it. Otherwise the runtime doubles it on the way, and again, and each time looks through
// all calls that have begun, to move what they hold: a tenth of what a push-pull costs where
// there is nothing to push or pull.
//
//go:noinline
func deepen() {
	var room [streamStack]byte
	touch(&room)
}

//go:noinline
func touch(*[streamStack]byte) {}
