package chart

import "strings"

// textWidth estimates how wide a text is at a size in pixels. The reader's font is
// unknown; these are the widths of Helvetica in thousandths of an em, in classes, with
// a margin for the wider fonts of other systems.
func textWidth(s string, size float64) float64 {
	sum := 0
	for _, r := range s {
		switch {
		case strings.ContainsRune("iljI.,:;'|!", r):
			sum += 270
		case strings.ContainsRune("frt ()[]/-", r):
			sum += 340
		case strings.ContainsRune("mwMW%@", r):
			sum += 860
		case r >= 'A' && r <= 'Z':
			sum += 680
		case r < 0x300:
			sum += 560
		default:
			sum += 700
		}
	}
	return float64(sum) / 1000 * size * 1.12
}

// boldSize is the size at which a text is as wide as in bold letters of another size.
func boldSize(size float64) float64 { return size * 1.1 }

// fit shortens a text with an ellipsis until it is no wider than room.
func fit(s string, size, room float64) string {
	if textWidth(s, size) <= room {
		return s
	}
	r := []rune(s)
	for len(r) > 0 && textWidth(string(r)+"…", size) > room {
		r = r[:len(r)-1]
	}
	if len(r) == 0 {
		return ""
	}
	return strings.TrimRight(string(r), " ") + "…"
}

// wrap breaks a text at spaces and after hyphens into lines no wider than room, where
// words allow it, and at most that many; the last takes the rest, shortened.
func wrap(s string, size, room float64, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for i, part := range strings.SplitAfter(word, "-") {
			joined := line + part
			if i == 0 && line != "" {
				joined = line + " " + part
			}
			if line != "" && textWidth(joined, size) > room && len(lines) < most-1 {
				lines = append(lines, line)
				joined = part
			}
			line = joined
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	for i := range lines {
		lines[i] = fit(lines[i], size, room)
	}
	return lines
}
