package swim

import (
	"testing"
	"unsafe"
)

// Memory comes in sizes, the next of which is 4096: programs that run many members would
// pay 640 bytes for each. An object of this size that holds pointers has a word besides.
func TestACoreFitsTheSizeOfMemoryThatItIsMadeFor(t *testing.T) {
	const class, word = 3456, unsafe.Sizeof(uintptr(0))
	if word != 8 {
		t.Skip("sizes are those of 64 bits")
	}
	if size := unsafe.Sizeof(Core{}); size > class-word {
		t.Errorf("a core takes %d bytes, more than %d: put small fields side by side", size, class-word)
	}
}
