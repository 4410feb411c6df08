package mpack

// LenUint is how many bytes AppendUint takes.
func LenUint(v uint64) int {
	switch {
	case v <= MaxFixInt:
		return 1
	case v <= 0xff:
		return 2
	case v <= 0xffff:
		return 3
	case v <= 0xffffffff:
		return 5
	}
	return 9
}

// LenBin is how many bytes AppendBin takes for n bytes.
func LenBin(n int) int {
	switch {
	case n <= 0xff:
		return 2 + n
	case n <= 0xffff:
		return 3 + n
	}
	return 5 + n
}

// LenStr is how many bytes AppendStr takes for n bytes.
func LenStr(n int) int {
	if n <= MaxFixStr {
		return 1 + n
	}
	return LenBin(n)
}

// LenArray is how many bytes AppendArray takes for n elements.
func LenArray(n int) int {
	switch {
	case n <= MaxFixCount:
		return 1
	case n <= 0xffff:
		return 3
	}
	return 5
}
