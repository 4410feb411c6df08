package mpack

// Measure tells the parts of the value that b begins with: the length of its head,
// that of its body, and how many values it contains. It is not ok when the head is
// cut off or no value begins like that. The body may be.
func Measure(b []byte) (head int, body, inner uint64, ok bool) {
	if len(b) == 0 {
		return 0, 0, 0, false
	}
	switch code := b[0]; {
	case code <= MaxFixInt, code >= MinNegFixInt, code == Nil, code == False, code == True:
		return 1, 0, 0, true
	case code < FixArray:
		return 1, 0, 2 * uint64(code&MaxFixCount), true
	case code < FixStr:
		return 1, 0, uint64(code & MaxFixCount), true
	case code < Nil:
		return 1, uint64(code & MaxFixStr), 0, true
	case code >= Uint8 && code <= Int64:
		return 1, 1 << (code & 3), 0, true
	case code >= FixExt1 && code <= FixExt16:
		return 2, 1 << (code - FixExt1), 0, len(b) >= 2
	case code == Float32, code == Float64:
		return 1, 4 << (code - Float32), 0, true
	case code >= Bin8 && code <= Bin32:
		return measureLong(b, 1<<(code-Bin8), 0)
	case code >= Ext8 && code <= Ext32:
		return measureLong(b, 1<<(code-Ext8), 1)
	case code >= Str8 && code <= Str32:
		return measureLong(b, 1<<(code-Str8), 0)
	case code == Array16, code == Array32:
		head, inner, _, ok = measureLong(b, 2<<(code-Array16), 0)
		return head, 0, inner, ok
	case code == Map16, code == Map32:
		head, inner, _, ok = measureLong(b, 2<<(code-Map16), 0)
		return head, 0, 2 * inner, ok
	}
	return 0, 0, 0, false // Never
}

// measureLong measures a value whose length has width bytes; extra bytes follow
// the length before the body begins.
func measureLong(b []byte, width, extra int) (head int, n, _ uint64, ok bool) {
	head = 1 + width + extra
	if len(b) < head {
		return head, 0, 0, false
	}
	for _, digit := range b[1 : 1+width] {
		n = n<<8 | uint64(digit)
	}
	return head, n, 0, true
}
