package transport

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestAMessageLooksAsTheSpecificationSays(t *testing.T) {
	for _, tt := range []struct {
		obj  any
		want string
	}{
		{nil, "00000004" + hex.EncodeToString([]byte("null"))},
		{map[string]int{"a": 1}, "00000007" + hex.EncodeToString([]byte(`{"a":1}`))},
	} {
		got, err := appendMessage(nil, tt.obj, DefaultMaxMessage)
		if err != nil || hex.EncodeToString(got) != tt.want {
			t.Errorf("%v: got %x, %v, want %s", tt.obj, got, err, tt.want)
		}
	}
}

func TestAMessageThatCannotBeSentIsATypedErrorAndAppendsNothing(t *testing.T) {
	b, err := appendMessage([]byte("kept"), make(chan int), 100)
	var unsupported *json.UnsupportedTypeError
	if !errors.As(err, &unsupported) || string(b) != "kept" {
		t.Errorf("a channel: %q, %v", b, err)
	}
	b, err = appendMessage([]byte("kept"), strings.Repeat("x", 99), 100)
	var tooLarge *MessageTooLargeError
	if !errors.As(err, &tooLarge) || *tooLarge != (MessageTooLargeError{Limit: 100, Size: 101}) || string(b) != "kept" {
		t.Errorf("101 bytes: %q, %v", b, err)
	}
	if b, err = appendMessage(nil, strings.Repeat("x", 98), 100); err != nil || len(b) != 104 {
		t.Errorf("100 bytes: %d, %v", len(b), err)
	}
}

func TestAStreamThatIsNoMessageEndsWithATypedError(t *testing.T) {
	var tooLarge *MessageTooLargeError
	is := func(target error) func(error) bool {
		return func(err error) bool { return errors.Is(err, target) }
	}
	for _, tt := range []struct {
		about, stream string
		want          func(error) bool
	}{
		{"nothing", "", func(err error) bool { return err == io.EOF }},
		{"half a length", "\x00\x00", is(io.ErrUnexpectedEOF)},
		{"half a text", "\x00\x00\x00\x04nu", is(io.ErrUnexpectedEOF)},
		{"a length over the limit", "\x00\x00\x00\x65", func(err error) bool {
			return errors.As(err, &tooLarge) && *tooLarge == MessageTooLargeError{Limit: 100, Size: 101}
		}},
		{"another protocol", "GET / HTTP/1.1\r\n", func(err error) bool { return errors.As(err, &tooLarge) }},
	} {
		t.Run(tt.about, func(t *testing.T) {
			if _, err := readMessage(strings.NewReader(tt.stream), nil, 100); !tt.want(err) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestOnlyAPointerCanBeReceivedInto(t *testing.T) {
	var s string
	for _, tt := range []struct {
		obj any
		ok  bool
	}{{&s, true}, {new(any), true}, {nil, false}, {s, false}, {(*string)(nil), false}, {map[string]int{}, false}} {
		err := checkTarget(tt.obj)
		var invalid *json.InvalidUnmarshalError
		if (err == nil) != tt.ok || err != nil && !errors.As(err, &invalid) {
			t.Errorf("%T: %v", tt.obj, err)
		}
	}
}

func TestEveryBadFieldOfTheMessageConfigIsNamed(t *testing.T) {
	for _, cfg := range []MessageConfig{
		{MaxMessage: -1, IOTimeout: -2, MaxPeers: -1},
		{MaxMessage: 1 << 31, IOTimeout: -time.Second, MaxPeers: -5},
	} {
		for _, field := range []string{"MaxMessage", "IOTimeout", "MaxPeers"} {
			if err := cfg.validate(); err == nil || !strings.Contains(err.Error(), field) {
				t.Errorf("%s is not named in %v", field, err)
			}
		}
	}
	if got := (MessageConfig{IOTimeout: NoTimeout}).withDefaults(); got.IOTimeout != 0 || got.MaxMessage != DefaultMaxMessage || got.MaxPeers != DefaultMaxPeers {
		t.Errorf("got %+v", got)
	}
}

// FuzzMessage: whatever arrives, receiving does not panic and keeps the limit,
// and what is accepted means the same when it is sent on.
func FuzzMessage(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x07{\"a\":1}\x00\x00\x00\x04null"))
	f.Add([]byte("\x00\x00\x00\x00"))
	f.Add([]byte("\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		const limit = 1 << 10
		r := bytes.NewReader(stream)
		for {
			text, err := readMessage(r, nil, limit)
			if err != nil {
				return
			}
			if len(text) > limit {
				t.Fatalf("%d bytes passed the limit", len(text))
			}
			var value, again any
			if json.Unmarshal(text, &value) != nil {
				continue
			}
			message, err := appendMessage(nil, value, DefaultMaxMessage)
			if err != nil {
				t.Fatalf("%q was received and cannot be sent: %v", text, err)
			}
			sent, err := readMessage(bytes.NewReader(message), nil, DefaultMaxMessage)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(sent, &again); err != nil {
				t.Fatal(err)
			}
			one, _ := json.Marshal(value)
			two, _ := json.Marshal(again)
			if !bytes.Equal(one, two) {
				t.Fatalf("%q became %s", text, two)
			}
		}
	})
}
