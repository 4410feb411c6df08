package seal

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"
	"unsafe"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

// talk is a conversation between two nodes: requests and answers in turn. It returns
// what the acceptor heard and what the dialler heard, and how it ended for both.
func talk(t *testing.T, dialler, acceptor Layer, questions, answers [][]byte) (heard, told [][]byte, dialErr, acceptErr error) {
	t.Helper()
	there, here := connected(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		n := 0
		done <- transport.ConverseIn(ctx, here, transport.Limits{}, acceptor.Stream(new(Buffers), here, transport.Limits{}, false), nil,
			func(message []byte) ([]byte, bool, error) {
				heard = append(heard, bytes.Clone(message))
				n++
				return answers[n-1], n == len(answers), nil
			})
	}()
	n := 0
	dialErr = transport.ConverseIn(ctx, there, transport.Limits{}, dialler.Stream(new(Buffers), there, transport.Limits{}, true), questions[0],
		func(message []byte) ([]byte, bool, error) {
			told = append(told, bytes.Clone(message))
			if n++; n == len(questions) {
				return nil, true, nil
			}
			return questions[n], false, nil
		})
	acceptErr = <-done
	return heard, told, dialErr, acceptErr
}

// pushPullV1 is a whole push-pull without nodes, with a state of n bytes.
func pushPullV1(n int) []byte {
	b := append([]byte{6, 0x82, 0xa5}, "Nodes\x00\xacUserStateLen\xd2"...)
	return append(binary.BigEndian.AppendUint32(b, uint32(n)), bytes.Repeat([]byte("tide"), n/4+1)[:n]...)
}

// lines are what is said in a conversation of a version: many messages in v2, one each
// way in v1.
func lines(version string) (questions, answers [][]byte) {
	if version == "v1" {
		return [][]byte{pushPullV1(10)}, [][]byte{pushPullV1(200000)}
	}
	return [][]byte{[]byte("open"), []byte("delta"), {}}, [][]byte{bytes.Repeat([]byte("d"), 200000), []byte("last"), []byte("bye")}
}

func TestAConversationIsHeardAsItWasSaid(t *testing.T) {
	for name, version := range versions() {
		k := func(p Policy) *Keyring { return ringOf(t, p, 1) }
		for _, c := range []struct {
			what     string
			from, to Config
		}{
			{"plain", Config{}, Config{}},
			{"not compressed", Config{NoCompression: true}, Config{NoCompression: true}},
			{"labelled", Config{Label: "pod"}, Config{Label: "pod"}},
			{"encrypted", Config{Keyring: k(Required)}, Config{Keyring: k(Required)}},
			{"labelled and encrypted", Config{Keyring: k(Required), Label: "pod"}, Config{Keyring: k(Required), Label: "pod"}},
			{"encrypted with a key that is not the primary one there", Config{Keyring: ringOf(t, Required, 1, 2)}, Config{Keyring: ringOf(t, Required, 2, 1)}},
			{"in clear to whoever prefers encryption", Config{Keyring: k(Accepted)}, Config{Keyring: k(Preferred)}},
			{"encrypted to whoever accepts it", Config{Keyring: k(Preferred)}, Config{Keyring: k(Accepted)}},
		} {
			questions, answers := lines(name)
			heard, told, dialErr, acceptErr := talk(t, layerOf(t, version, c.from), layerOf(t, version, c.to), questions, answers)
			if dialErr != nil || acceptErr != nil {
				t.Errorf("%s, %s: %v, %v", name, c.what, dialErr, acceptErr)
				continue
			}
			for i := range questions {
				if !bytes.Equal(heard[i], questions[i]) || !bytes.Equal(told[i], answers[i]) {
					t.Errorf("%s, %s: line %d is heard as %.40q and %.40q", name, c.what, i, heard[i], told[i])
				}
			}
		}
	}
}

// A callsCounted counts the calls that a stream makes of the system.
type callsCounted struct {
	net.Conn
	reads, writes int
}

func (c *callsCounted) Read(b []byte) (int, error) {
	c.reads++
	return c.Conn.Read(b)
}

func (c *callsCounted) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

func TestAShortMessageOfV2IsWrittenAndReadByOneCallLabelAndAll(t *testing.T) {
	for _, cfg := range []Config{{}, {Label: "pod"}, {Label: "pod", Keyring: ringOf(t, Required, 1)}} {
		there, here := connected(t)
		ours, theirs := &callsCounted{Conn: there}, &callsCounted{Conn: here}
		dialler := layerOf(t, V2, cfg).Stream(new(Buffers), ours, transport.Limits{}, true)
		acceptor := layerOf(t, V2, cfg).Stream(new(Buffers), theirs, transport.Limits{}, false)
		for _, turn := range []struct{ from, to transport.Framing }{{dialler, acceptor}, {acceptor, dialler}} {
			if err := turn.from.Write([]byte("hello")); err != nil {
				t.Fatal(err)
			}
			if got, err := turn.to.Next(); err != nil || string(got) != "hello" {
				t.Fatalf("heard %q, %v", got, err)
			}
		}
		for who, c := range map[string]*callsCounted{"dialler": ours, "acceptor": theirs} {
			if c.writes != 1 || c.reads != 1 {
				t.Errorf("label %q, keyring %t: the %s made %d writes and %d reads", cfg.Label, cfg.Keyring != nil, who, c.writes, c.reads)
			}
		}
	}
}

func TestAStreamThatIsNotForUsIsRejectedAndInV2TheOtherSideIsTold(t *testing.T) {
	one, two := ringOf(t, Required, 1), ringOf(t, Required, 2)
	for _, c := range []struct {
		what     string
		from, to Config
		drop     swim.Drop
		reason   swim.RefusalReason // in v2
		says     string             // in v1, in clear; else the dialler cannot tell
	}{
		{"in clear where encryption is required", Config{}, Config{Keyring: one}, swim.DropUnauthenticated, swim.RefusedClear, ""},
		{"another key", Config{Keyring: two}, Config{Keyring: one}, swim.DropKey, swim.RefusedKey, ""},
		{"encrypted to a node without keys", Config{Keyring: ringOf(t, Preferred, 1)}, Config{NoCompression: true}, swim.DropKey, swim.RefusedSealed, "encryption is not configured"},
		{"another label", Config{Label: "a"}, Config{Label: "b"}, swim.DropLabel, swim.RefusedLabel, ""},
		{"no label", Config{}, Config{Label: "b"}, swim.DropLabel, swim.RefusedLabel, ""},
		{"a label too many", Config{Label: "a"}, Config{}, swim.DropLabel, swim.RefusedLabel, ""},
		{"no label but a key", Config{Keyring: one}, Config{Keyring: one, Label: "b"}, swim.DropLabel, swim.RefusedLabel, ""},
		{"a label that a proxy should have removed", Config{Label: "a"}, Config{Label: "a", SkipInboundLabelCheck: true}, swim.DropLabel, swim.RefusedLabel, ""},
	} {
		for name, version := range versions() {
			questions, answers := lines(name)
			heard, told, dialErr, acceptErr := talk(t, layerOf(t, version, c.from), layerOf(t, version, c.to), questions, answers)
			var rejected *RejectedError
			if !errors.As(acceptErr, &rejected) || rejected.Drop != c.drop || len(heard) != 0 {
				t.Errorf("%s, %s: the acceptor: %v", name, c.what, acceptErr)
			}
			if name == "v1" {
				if c.says == "" && (len(told) != 0 && c.from.Keyring != nil) {
					t.Errorf("v1, %s: the dialler hears %q", c.what, told)
				}
				if c.says != "" && (len(told) != 1 || told[0][0] != v1ErrorType || !strings.Contains(string(told[0]), c.says)) {
					t.Errorf("v1, %s: the dialler hears %q", c.what, told)
				}
				continue
			}
			var refused *swim.RefusedError
			if !errors.As(dialErr, &refused) || refused.Reason != c.reason || refused.Peer != "10.0.0.2:1000" {
				t.Errorf("v2, %s: the dialler: %v", c.what, dialErr)
			} else if !strings.Contains(refused.Error(), c.reason.String()+": refused by") {
				t.Errorf("v2, %s: the refusal says %q", c.what, refused)
			}
		}
	}
}

// Tables of thousands of members come every few seconds: they are read into, and written
// from, the memory of those before.
func TestAStreamWorksInTheBuffersOfTheOneBefore(t *testing.T) {
	table := pushPullV1(200000)
	for what, cfg := range map[string]Config{
		"compressed": {}, "in clear": {NoCompression: true}, "encrypted": {Keyring: ringOf(t, Required, 1)},
	} {
		l := layerOf(t, V1, cfg)
		sent := &recording{}
		if err := l.Stream(new(Buffers), sent, transport.Limits{}, true).Write(table); err != nil {
			t.Fatal(err)
		}
		var b Buffers
		var read []byte
		var packet *byte
		for round := range 2 {
			conn := playing(sent.out.Bytes())
			s := l.Stream(&b, conn, transport.Limits{}, false)
			got, err := s.Next()
			if err != nil || !bytes.Equal(got, table) {
				t.Fatalf("%s: %d bytes, %v", what, len(got), err)
			}
			if err := s.Write(table); err != nil || conn.out.Len() != sent.out.Len() {
				t.Fatalf("%s: %d bytes are sent, %v, want %d", what, conn.out.Len(), err, sent.out.Len())
			}
			if round > 0 && (&got[0] != &read[0] || unsafe.SliceData(b.packet) != packet) {
				t.Errorf("%s: a second table is in other memory than the first", what)
			}
			read, packet = got, unsafe.SliceData(b.packet)
		}
	}
}

// A dialler that encrypts is not to be talked out of it.
func TestAnEncryptedQuestionIsNotAnsweredInClear(t *testing.T) {
	there, here := connected(t)
	l := layerOf(t, V2, Config{Keyring: ringOf(t, Preferred, 1)})
	ours := l.Stream(new(Buffers), there, transport.Limits{}, true)
	if err := ours.Write([]byte("open")); err != nil {
		t.Fatal(err)
	}
	if err := transport.WriteFrame(here, []byte("digest")); err != nil {
		t.Fatal(err)
	}
	var rejected *RejectedError
	if got, err := ours.Next(); !errors.As(err, &rejected) || rejected.Drop != swim.DropUnauthenticated {
		t.Errorf("it hears %q, %v", got, err)
	}
}

func TestFramesCannotBeMovedRepeatedOrTurnedRound(t *testing.T) {
	cfg := Config{Keyring: ringOf(t, Required, 1), Label: "pod"}
	l := layerOf(t, V2, cfg)
	// One conversation, and another one with the same words.
	said, answered := conversation(t, l)
	said2, answered2 := conversation(t, l)
	label := append([]byte{v2Label, 3}, "pod"...)
	accept := func(frames ...[]byte) (int, error) { return follow(l, false, nil, append([][]byte{label}, frames...)) }
	for _, c := range []struct {
		what   string
		frames [][]byte
		good   int
	}{
		{"in order", [][]byte{said[0]}, 1},
		{"the second frame first", [][]byte{said[1]}, 0},
		{"a frame twice", [][]byte{said[0], said[0]}, 1},
		{"a frame left out", [][]byte{said[0], said[2]}, 1},
		{"an answer turned round", [][]byte{answered[0]}, 0},
		{"a frame of another conversation", [][]byte{said[0], said2[1]}, 1},
		{"an answer of another conversation", [][]byte{said[0], answered2[0]}, 1},
	} {
		if good, err := accept(c.frames...); good != c.good || err == nil {
			t.Errorf("%s: %d frames were taken, %v", c.what, good, err)
		}
	}
}

// A wire is one end of a connection in memory that never waits.
type wire struct {
	net.Conn
	in, out *bytes.Buffer
}

func (w *wire) Read(b []byte) (int, error)  { return w.in.Read(b) }
func (w *wire) Write(b []byte) (int, error) { return w.out.Write(b) }

// conversation returns the frames of both sides of three questions and answers.
func conversation(t *testing.T, l Layer) (said, answered [][]byte) {
	t.Helper()
	toAcceptor, toDialler := new(bytes.Buffer), new(bytes.Buffer)
	ours := l.Stream(new(Buffers), &wire{in: toDialler, out: toAcceptor}, transport.Limits{}, true)
	theirs := l.Stream(new(Buffers), &wire{in: toAcceptor, out: toDialler}, transport.Limits{}, false)
	for i := range 3 {
		if err := ours.Write([]byte("question")); err != nil {
			t.Fatal(err)
		}
		frame := bytes.Clone(toAcceptor.Bytes())
		if i == 0 {
			frame = frame[2+len("pod"):]
		}
		said = append(said, frame)
		if got, err := theirs.Next(); err != nil || string(got) != "question" {
			t.Fatalf("question %d: %q, %v", i, got, err)
		}
		if err := theirs.Write([]byte("answer")); err != nil {
			t.Fatal(err)
		}
		answered = append(answered, bytes.Clone(toDialler.Bytes()))
		if got, err := ours.Next(); err != nil || string(got) != "answer" {
			t.Fatalf("answer %d: %q, %v", i, got, err)
		}
	}
	return said, answered
}

// follow lets one side read frames, and returns how many it took before the error.
func follow(l Layer, dialled bool, first []byte, frames [][]byte) (int, error) {
	s := l.Stream(new(Buffers), playing(bytes.Join(frames, nil)), transport.Limits{}, dialled)
	if first != nil {
		if err := s.Write(first); err != nil {
			return 0, err
		}
	}
	for n := 0; ; n++ {
		if _, err := s.Next(); err != nil {
			return n, err
		}
	}
}

func TestAStreamIsBoundedWhateverItAnnounces(t *testing.T) {
	limits := transport.Limits{Stream: 1 << 20, Frame: 1 << 20}
	k := ringOf(t, Required, 1)
	size := func(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
	for _, c := range []struct {
		what    string
		version func(Config) (Layer, error)
		cfg     Config
		in      []byte
	}{
		{"an encrypted message of v1", V1, Config{Keyring: k}, append([]byte{v1Encrypt}, size(1<<20+1)...)},
		{"an encrypted message of v1 that is not there", V1, Config{Keyring: k}, append([]byte{v1Encrypt}, size(1<<20)...)},
		{"an encrypted message of v1 of four bytes", V1, Config{Keyring: k}, append([]byte{v1Encrypt}, append(size(4), 1, 2, 3, 4)...)},
		{"an encrypted message of v1 of nothing", V1, Config{Keyring: k}, append([]byte{v1Encrypt}, size(0)...)},
		{"a state of v1 that is not there", V1, Config{}, pushPullV1(1 << 20)[:100]},
		{"a state of v1 above the limit", V1, Config{}, append(append([]byte{6, 0x81, 0xac}, "UserStateLen\xcf\xff\xff\xff\xff\xff\xff\xff\xff"...), make([]byte, 3<<20)...)},
		{"nodes of v1 without end", V1, Config{}, append(append([]byte{6, 0x81, 0xa5}, "Nodes\xce\xff\xff\xff\xff"...), make([]byte, 3<<20)...)},
		{"nesting of v1 without end", V1, Config{}, append([]byte{0}, bytes.Repeat([]byte{0x91}, 3<<20)...)},
		{"a bomb of v1", V1, Config{}, compressed(make([]byte, 1<<20+1))},
		{"a label of v1 that is cut", V1, Config{}, []byte{v1Label}},
		{"a label of v1 without a length", V1, Config{}, []byte{v1Label, 0, 1}},
		{"no value of v1", V1, Config{}, []byte{0, 0xc1}},
		{"an encrypted frame", V2, Config{Keyring: k}, append([]byte{v2Sealed}, size(1<<20+nonceLen+tagLen+1)...)},
		{"an encrypted frame that is not there", V2, Config{Keyring: k}, append([]byte{v2Sealed}, size(1<<20)...)},
		{"an encrypted frame of four bytes", V2, Config{Keyring: k}, append([]byte{v2Sealed}, append(size(4), 1, 2, 3, 4)...)},
		{"a label that is cut", V2, Config{}, []byte{v2Label, 200, 1}},
		{"another protocol", V2, Config{Label: "pod"}, []byte("GET / HTTP/1.1\r\n")},
		{"a refusal out of turn", V2, Config{Label: "pod"}, []byte{v2Sealed, 0, 0, 0, 1, 7}},
	} {
		conn := playing(c.in)
		message, err := layerOf(t, c.version, c.cfg).Stream(new(Buffers), conn, limits, false).Next()
		if err == nil || errors.Is(err, io.EOF) {
			t.Errorf("%s: %.40x, %v", c.what, message, err)
		}
	}
}

func TestNothingFollowsTheMessageOfAStreamOfV1(t *testing.T) {
	s := layerOf(t, V1, Config{}).Stream(new(Buffers), playing(append(pushPullV1(3), pushPullV1(3)...)), transport.Limits{}, false)
	if got, err := s.Next(); err != nil || !bytes.Equal(got, pushPullV1(3)) {
		t.Errorf("%x, %v", got, err)
	}
	if _, err := s.Next(); err != io.EOF {
		t.Errorf("a second message: %v", err)
	}
}

func TestStreamsOfBothVersionsAreToldApartByTheirFirstByte(t *testing.T) {
	k := ringOf(t, Required, 1)
	for name, version := range versions() {
		for _, cfg := range []Config{{}, {NoCompression: true}, {Label: "pod"}, {Keyring: k}, {Keyring: k, Label: "pod"}} {
			there, here := connected(t)
			message := pushPullV1(10)
			l := layerOf(t, version, cfg)
			if err := l.Stream(new(Buffers), there, transport.Limits{}, true).Write(message); err != nil {
				t.Fatal(err)
			}
			version, whole, err := Sniff(here)
			if err != nil || version != name {
				t.Errorf("a stream of %s is taken for %q, %v", name, version, err)
				continue
			}
			if got, err := l.Stream(new(Buffers), whole, transport.Limits{}, false).Next(); err != nil || !bytes.Equal(got, message) {
				t.Errorf("%s: %x, %v", name, got, err)
			}
		}
	}
	there, here := connected(t)
	_ = there.Close()
	if _, _, err := Sniff(here); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("of an empty stream: %v", err)
	}
	_, here = connected(t)
	_ = here.SetDeadline(time.Now())
	if _, _, err := Sniff(here); err == nil {
		t.Error("a stream on which nothing comes is of some version")
	}
}
