package wirev1

import "bytes"

// A Compressor compresses the messages of streams, one after another. It is
// [AppendCompressed], byte for byte, for those who compress what has hardly changed:
// a table of members is the same from one push-pull to the next but for the state of the
// application, which is at its end. What a message begins with as the one before is not
// compressed again.
//
// The zero value is ready. It holds both forms of the last message, and is not for
// concurrent use.
type Compressor struct {
	text  []byte    // of the last message
	codes []byte    // of that, behind room for what precedes them
	trees []treeEnd // of all trees but the last
}

// A treeEnd is where a tree of LZW is full, and a new one begins: what follows depends on
// nothing before it but the bits that have not been written.
type treeEnd struct {
	text  int // how much of it was read. That the tree ended there depends on one byte more.
	codes int
	bits  uint64
	count uint
}

// maxCompressedHead is the room for what precedes the codes of a message.
const maxCompressedHead = len(beginCompressed) + 5

// Compress returns the compressed message that holds message. It is valid until the next
// call, and message is not kept.
func (c *Compressor) Compress(message []byte) []byte {
	w, done := c.resume(message)
	c.text = append(c.text[:done], message[done:]...)
	for text := message[done:]; len(text) > 0; {
		text = w.writeTree(text)
		if len(text) > 0 {
			c.trees = append(c.trees, treeEnd{len(message) - len(text), len(w.b), w.bits, w.count})
		}
	}
	w.write(lzwEnd)
	c.codes = w.flush()
	return c.head()
}

// resume returns a writer that has written the trees that this message begins with, and
// how much of it they stand for.
func (c *Compressor) resume(message []byte) (w codeWriter, done int) {
	same := 0
	for _, t := range c.trees {
		if t.text >= len(message) || !bytes.Equal(c.text[done:t.text+1], message[done:t.text+1]) {
			break
		}
		w = codeWriter{b: c.codes[:t.codes], bits: t.bits, count: t.count, width: lzwMinWidth}
		done = t.text
		same++
	}
	c.trees = c.trees[:same]
	if same == 0 {
		if cap(c.codes) < maxCompressedHead {
			c.codes = make([]byte, maxCompressedHead, maxCompressedHead+len(message)/3) // what tables come to, or more
		}
		w = codeWriter{b: c.codes[:maxCompressedHead], width: lzwMinWidth}
		w.write(lzwClear)
	}
	return w, done
}

// head writes what precedes the codes right before them, and returns all of it.
func (c *Compressor) head() []byte {
	var head [5]byte
	length := appendTextHead(head[:0], len(c.codes)-maxCompressedHead)
	start := maxCompressedHead - len(length) - len(beginCompressed)
	copy(c.codes[start:], beginCompressed)
	copy(c.codes[start+len(beginCompressed):], length)
	return c.codes[start:]
}
