package transport

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/vmihailenco/msgpack/v5"
	"pgregory.net/rapid"
)

func frame(t testing.TB, payload string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteFrame(&b, []byte(payload)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFrameLooksAsTheSpecificationSays(t *testing.T) {
	for _, tt := range []struct{ payload, want string }{
		{"", "c600000000"},
		{"ab", "c6000000026162"},
	} {
		if got := hex.EncodeToString(frame(t, tt.payload)); got != tt.want {
			t.Errorf("frame of %q: got %s, want %s", tt.payload, got, tt.want)
		}
	}
}

func TestAFrameIsOneMsgpackValue(t *testing.T) {
	d := msgpack.NewDecoder(bytes.NewReader(frame(t, "hello")))
	got, err := d.DecodeBytes()
	if err != nil || string(got) != "hello" {
		t.Fatalf("got %q, %v", got, err)
	}
	if _, err := d.PeekCode(); err != io.EOF {
		t.Errorf("something follows the value: %v", err)
	}
}

// sizes are chosen around the steps of writing and of growing.
func TestFramesArriveAsTheyWereSentHoweverTheStreamIsCut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.OneOf(rapid.IntRange(0, 64), rapid.IntRange(4090, 4110), rapid.IntRange(8190, 20000))
		var sent [][]byte
		var stream bytes.Buffer
		for range rapid.IntRange(1, 5).Draw(t, "frames") {
			payload := bytes.Repeat([]byte{rapid.Byte().Draw(t, "fill")}, size.Draw(t, "size"))
			if err := WriteFrame(&stream, payload); err != nil {
				t.Fatal(err)
			}
			sent = append(sent, payload)
		}
		var r io.Reader = &stream
		switch rapid.IntRange(0, 3).Draw(t, "reader") {
		case 1:
			r = iotest.OneByteReader(r)
		case 2:
			r = iotest.HalfReader(r)
		case 3:
			r = iotest.DataErrReader(r)
		}
		frames := NewFrameReader(r, Limits{})
		for i, want := range sent {
			got, err := frames.Next()
			if err != nil {
				t.Fatalf("frame %d: %v", i, err)
			}
			if !bytes.Equal(got, want) {
				t.Fatalf("frame %d of %d bytes arrives with %d or changed", i, len(want), len(got))
			}
		}
		if _, err := frames.Next(); err != io.EOF {
			t.Fatalf("after the last frame: %v", err)
		}
	})
}

func TestStreamsThatAreNotFramesEndWithATypedError(t *testing.T) {
	var (
		tooLarge  *FrameTooLargeError
		notAFrame *NotAFrameError
		tooMuch   *StreamTooLargeError
	)
	is := func(target error) func(error) bool {
		return func(err error) bool { return errors.Is(err, target) }
	}
	for _, tt := range []struct {
		about  string
		stream string
		want   func(error) bool
	}{
		{"nothing", "", func(err error) bool { return err == io.EOF }},
		{"half a header", "\xc6\x00\x00", is(io.ErrUnexpectedEOF)},
		{"the first byte alone", "\xc6", is(io.ErrUnexpectedEOF)},
		{"half a payload", "\xc6\x00\x00\x00\x04ab", is(io.ErrUnexpectedEOF)},
		{"no payload", "\xc6\x00\x00\x00\x04", is(io.ErrUnexpectedEOF)},
		{"another protocol", "GET / HTTP/1.1\r\n", func(err error) bool {
			return errors.As(err, &notAFrame) && notAFrame.First == 'G'
		}},
		{"another msgpack value", "\xc5\x00\x01a", func(err error) bool {
			return errors.As(err, &notAFrame) && notAFrame.First == 0xc5
		}},
		{"a frame one byte too long", "\xc6\x00\x00\x00\x11", func(err error) bool {
			return errors.As(err, &tooLarge) && *tooLarge == FrameTooLargeError{Limit: 16, Size: 17}
		}},
		{"the longest length there is", "\xc6\xff\xff\xff\xff", func(err error) bool {
			return errors.As(err, &tooLarge) && tooLarge.Size == 1<<32-1
		}},
		{"more frames than the stream may have", string(bytes.Repeat(frame(t, "0123456789abcdef"), 3)), func(err error) bool {
			return errors.As(err, &tooMuch) && tooMuch.Limit == 50
		}},
	} {
		t.Run(tt.about, func(t *testing.T) {
			frames := NewFrameReader(bytes.NewReader([]byte(tt.stream)), Limits{Frame: 16, Stream: 50})
			var err error
			for err == nil {
				_, err = frames.Next()
			}
			if !tt.want(err) {
				t.Errorf("got %v", err)
			}
			if err.Error() == "" {
				t.Error("the error has no text")
			}
		})
	}
}

func TestTheReaderTakesNoByteBeyondTheFrame(t *testing.T) {
	stream := bytes.NewReader(append(frame(t, "hello"), "rest"...))
	if _, err := NewFrameReader(stream, Limits{}).Next(); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(stream)
	if err != nil || string(rest) != "rest" {
		t.Errorf("%q is left, %v", rest, err)
	}
}

func TestALengthThatLiesAllocatesLittle(t *testing.T) {
	var header [FrameHeader]byte
	header[0] = FrameByte
	binary.BigEndian.PutUint32(header[1:], DefaultMaxFrame-FrameHeader)
	stream := append(header[:], make([]byte, 10_000)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := NewFrameReader(bytes.NewReader(stream), Limits{}).Next()
	runtime.ReadMemStats(&after)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 200_000 {
		t.Errorf("10,000 bytes that claim to be %d allocated %d", DefaultMaxFrame, allocated)
	}
}

func TestABufferNeverGrowsBeyondTwiceWhatArrived(t *testing.T) {
	const announced = 1 << 20
	for _, arrived := range []int{0, 1, firstChunk - 1, firstChunk, firstChunk + 1, 100_000, announced} {
		buf, err := readGrowing(bytes.NewReader(make([]byte, arrived)), nil, announced)
		if (err == nil) != (arrived == announced) {
			t.Errorf("%d of %d bytes: %v", arrived, announced, err)
		}
		if len(buf) != arrived || cap(buf) > max(2*arrived, firstChunk) {
			t.Errorf("%d bytes arrived, the buffer has %d and holds %d", arrived, len(buf), cap(buf))
		}
	}
}

type failingWriter struct{ after int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.after--; w.after < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(b), nil
}

func TestAFrameThatCannotBeWrittenIsAnError(t *testing.T) {
	large := make([]byte, 10_000)
	for after := range 2 {
		if err := WriteFrame(&failingWriter{after}, large); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("failing after %d writes: got %v", after, err)
		}
	}
}

// FuzzFrameReader: whatever arrives, the reader does not panic, keeps within its
// limits, and what it accepts encodes back to the bytes it was read from.
func FuzzFrameReader(f *testing.F) {
	f.Add([]byte("\xc6\x00\x00\x00\x02ab\xc6\x00\x00\x00\x00"))
	f.Add([]byte("\xc6\xff\xff\xff\xff"))
	f.Add([]byte("GET /"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		limits := Limits{Frame: 1 << 10, Stream: 1 << 12}
		frames := NewFrameReader(bytes.NewReader(stream), limits)
		var again bytes.Buffer
		for {
			payload, err := frames.Next()
			if err != nil {
				break
			}
			if int64(len(payload)) > limits.Frame {
				t.Fatalf("a payload of %d bytes passed the limit of %d", len(payload), limits.Frame)
			}
			if err := WriteFrame(&again, payload); err != nil {
				t.Fatal(err)
			}
		}
		if int64(again.Len()) > limits.Stream {
			t.Fatalf("%d bytes passed the limit of %d", again.Len(), limits.Stream)
		}
		if !bytes.HasPrefix(stream, again.Bytes()) {
			t.Fatalf("accepted frames encode to %x, the stream was %x", again.Bytes(), stream)
		}
	})
}
