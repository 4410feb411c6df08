package laws

// units are what numbers in the pages are counted in. Durations in nanoseconds.
var units = map[string]int64{
	"":   1,
	"ns": 1, "µs": 1e3, "ms": 1e6, "s": 1e9, "min": 60e9, "h": 3600e9,
	"B": 1, "KiB": 1 << 10, "MiB": 1 << 20,
	"Ki": 1 << 10, "Mi": 1 << 20,
	"%": 1,
}
