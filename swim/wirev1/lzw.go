package wirev1

// LZW as memberlist has it, which is that of GIF: codes of 9 to 12 bits, least
// significant bit first, with one that clears the table and one that ends the text. It
// is written here because the library's takes 64 KiB from the heap for every text, and
// more than twice the time.
// Source: Welch, A Technique for High-Performance Data Compression (1984).
const (
	lzwClear    = 256  // forget all strings
	lzwEnd      = 257  // of the text
	lzwMinWidth = 9    // of a code, in bits
	lzwMaxWidth = 12   //
	lzwCodes    = 4096 // that 12 bits can tell apart
	lzwMaxCode  = lzwCodes - 1
)
