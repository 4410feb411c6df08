package wirev1

import (
	"bytes"
	"compress/lzw"
	"errors"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// libraryLZW is what compress/lzw makes of a text.
func libraryLZW(tb testing.TB, text []byte) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, 8)
	if _, err := w.Write(text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func checkLZW(tb testing.TB, text []byte) {
	tb.Helper()
	want := libraryLZW(tb, text)
	got := appendLZW([]byte("before"), text)
	if !bytes.Equal(got, append([]byte("before"), want...)) {
		tb.Fatalf("%d bytes are compressed to %d, by the library to %d", len(text), len(got)-6, len(want))
	}
	back, fault := appendUnLZW([]byte("before"), want, len(text))
	if fault != "" || !bytes.Equal(back, append([]byte("before"), text...)) {
		tb.Fatalf("%d bytes come back as %d: %s", len(text), len(back)-6, fault)
	}
	if len(text) > 0 {
		if _, fault := appendUnLZW(nil, want, len(text)-1); fault == "" {
			tb.Fatalf("%d bytes are expanded within a limit of one less", len(text))
		}
	}
}

// texts are short and long, alike and random, around every width of a code.
func texts() [][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	var all [][]byte
	for _, n := range []int{0, 1, 2, 3, 127, 128, 129, 254, 255, 256, 257, 767, 768, 1400, 2047, 2048, 2049, 3838, 3839, 3840, 3841, 4096, 5000, 70000} {
		for _, letters := range []int{1, 2, 5, 256} {
			text := make([]byte, n)
			for i := range text {
				text[i] = byte(random.IntN(letters))
			}
			all = append(all, text)
		}
	}
	return all
}

func TestLZWIsThatOfTheLibrary(t *testing.T) {
	for _, text := range texts() {
		checkLZW(t, text)
	}
}

// checkUnLZW compares what becomes of any bytes with what the library makes of them.
func checkUnLZW(tb testing.TB, b []byte) {
	tb.Helper()
	const limit = 1 << 16
	want, err := io.ReadAll(io.LimitReader(lzw.NewReader(bytes.NewReader(b), lzw.LSB, 8), limit+1))
	got, fault := appendUnLZW(nil, b, limit)
	refused := err != nil || len(want) > limit
	if (fault != "") != refused {
		tb.Fatalf("% x\nfault %q, the library: %v after %d bytes", b, fault, err, len(want))
	}
	if !refused && !bytes.Equal(got, want) {
		tb.Fatalf("% x\nexpands to % x\nat the library to % x", b, got, want)
	}
}

func TestWhatIsDamagedExpandsAsTheLibraryExpandsIt(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, text := range texts() {
		if len(text) > 5000 {
			continue
		}
		b := libraryLZW(t, text)
		for range 20 {
			damaged := bytes.Clone(b)
			damaged[random.IntN(len(b))] ^= 1 << random.IntN(8)
			checkUnLZW(t, damaged[:1+random.IntN(len(b))])
			checkUnLZW(t, damaged)
		}
	}
}

// Without a code that clears the table, it fills up and stays as it is.
func TestATableThatIsFullStaysAsItIs(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		w := codeWriter{width: lzwMinWidth}
		newest := uint32(lzwEnd)
		for i := range 6000 {
			code := uint32(random.IntN(256))
			if i > 0 && newest > lzwEnd+1 && random.IntN(2) == 0 {
				code = lzwEnd + 1 + uint32(random.IntN(int(newest-lzwEnd)))
			}
			w.write(code)
			newest++
			if newest == 1<<w.width && w.width < lzwMaxWidth {
				w.width++
			}
			newest = min(newest, lzwCodes-1)
		}
		w.write(lzwEnd)
		checkUnLZW(t, w.flush())
	}
}

func TestACompressedMessageIsReadInEveryForm(t *testing.T) {
	want := []byte("\x08 some bytes of an application")
	buf := libraryLZW(t, want)
	text := appendText(nil, buf)
	ints := append([]byte{0xdc, 0, byte(len(buf))}, func() (b []byte) {
		for _, x := range buf {
			b = append(b, 0xcc, x)
		}
		return b
	}()...)
	for name, b := range map[string][]byte{
		"as memberlist has it": append(append(unhex("09 82 a4416c676f 00 a3427566"), text...), "behind"...),
		"no algorithm":         append(unhex("09 81 a3427566"), text...),
		"an array":             append(unhex("09 92 c0"), text...),
		"binary":               append(append(unhex("09 82 a4416c676f d000 c403427566 c5 00"), byte(len(buf))), buf...),
		"integers":             append(unhex("09 82 a4416c676f 00 a3427566"), ints...),
	} {
		got, err := AppendDecompressed(nil, b, 100)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: % x, %v", name, got, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing":              {},
		"another message":      unhex("00 80"),
		"no map":               unhex("09"),
		"an integer":           unhex("09 07"),
		"no text":              unhex("09 81 a4416c676f 00"),
		"another algorithm":    append(unhex("09 82 a4416c676f 01 a3427566"), text...),
		"an impossible one":    append(unhex("09 82 a4416c676f cd0100 a3427566"), text...),
		"a text that is cut":   append(unhex("09 82 a4416c676f 00 a3427566"), appendText(nil, buf[:len(buf)-2])...),
		"a message that is":    append(unhex("09 82 a4416c676f 00 a3427566"), text[:len(text)-1]...),
		"a code nobody gave":   unhex("09 82 a4416c676f 00 a3427566 a3 00ffff"),
		"a text without a map": append([]byte{9}, text...),
	} {
		got, err := AppendDecompressed([]byte("before"), b, 100)
		if !errors.Is(err, swim.ErrMalformed) || string(got) != "before" {
			t.Errorf("%s: % x, %v", name, got, err)
		}
	}
}

// A text of one letter is what expands most.
func TestABombIsNotExpandedBeyondTheLimit(t *testing.T) {
	bomb := AppendCompressed(nil, make([]byte, 16<<20))
	if len(bomb) > 20<<10 {
		t.Fatalf("16 MiB are compressed to %d bytes", len(bomb))
	}
	allocated := testing.AllocsPerRun(1, func() {
		if b, err := AppendDecompressed(nil, bomb, 1000); !errors.Is(err, swim.ErrMalformed) || b != nil {
			t.Errorf("%d bytes, %v", len(b), err)
		}
	})
	if allocated > 20 {
		t.Errorf("%v allocations", allocated)
	}
	if b, err := AppendDecompressed(nil, bomb, 16<<20); err != nil || len(b) != 16<<20 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// A length of one byte, of two and of four, at the edge of each.
func TestACompressedMessageHasTheShortestLength(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for _, n := range []int{1, 20, 23, 24, 25, 26, 30, 45000, 46000, 47000, 48000, 49000, 100000} {
		text := make([]byte, n)
		for i := range text {
			text[i] = byte(random.IntN(256))
		}
		want := append(unhex("09 82 a4416c676f 00 a3427566"), appendText(nil, libraryLZW(t, text))...)
		if got := AppendCompressed(nil, text); !bytes.Equal(got, want) {
			t.Errorf("%d bytes: % x…, want % x…", n, got[:20], want[:20])
		}
	}
}
