package wirev1

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

// A vector was captured from running nodes of memberlist v0.7.0, which are what decides.
type vector struct {
	name      string
	direction string
	bytes     []byte
	decoded   map[string]any
}

func readVectors(tb testing.TB) []vector {
	tb.Helper()
	paths, err := filepath.Glob("testdata/*.json")
	if err != nil || len(paths) != 80 {
		tb.Fatalf("%d vectors: %v", len(paths), err)
	}
	var all []vector
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			tb.Fatal(err)
		}
		var v struct {
			Name, Direction, Hex string
			Decoded              map[string]any
		}
		if err := json.Unmarshal(text, &v); err != nil {
			tb.Fatal(err)
		}
		all = append(all, vector{v.Name, v.Direction, unhex(v.Hex), v.Decoded})
	}
	return all
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// octets are the bytes of a decoded value: nil for null.
func octets(v any) []byte {
	if v == nil {
		return nil
	}
	digits, ok := strings.CutPrefix(v.(string), "hex:")
	if !ok {
		panic("no bytes: " + v.(string))
	}
	return unhex(digits)
}

func number(v any) uint64 { return uint64(v.(float64)) }

func endpoint(ip, port any) netip.AddrPort {
	a, ok := netip.AddrFromSlice(octets(ip))
	if !ok {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(a, uint16(number(port)))
}

// peel undoes the layers around the content of a vector, those of which this package
// knows by itself.
func peel(t *testing.T, b []byte, decoded map[string]any) ([]byte, map[string]any) {
	t.Helper()
	for {
		switch decoded["layer"] {
		case "label":
			b = b[2+len(decoded["label"].(string)):]
		case "encrypt":
			b = octets(decoded["plaintext"])
		case "crc":
			b = b[5:]
		case "compress":
			want := octets(decoded["uncompressed"])
			got, err := AppendDecompressed([]byte("before"), b, len(want))
			if err != nil || !bytes.Equal(got, append([]byte("before"), want...)) {
				t.Fatalf("expanded to % x, %v\nwant % x", got, err, want)
			}
			if _, err := AppendDecompressed(nil, b, len(want)-1); err == nil {
				t.Error("the limit is not kept")
			}
			if again := AppendCompressed([]byte("before"), want); !bytes.Equal(again, append([]byte("before"), b...)) {
				t.Fatalf("compressed to % x\nwant % x", again, b)
			}
			b = want
		default:
			return b, decoded
		}
		decoded = decoded["inner"].(map[string]any)
	}
}

// codecOf is the codec of whoever wrote a message.
func codecOf(t *testing.T, decoded map[string]any) *Codec {
	t.Helper()
	cfg := Config{Name: "nobody", Addr: netip.MustParseAddrPort("10.0.0.7:9002")}
	if fields, ok := decoded["fields"].(map[string]any); ok && fields["SourceNode"] != nil {
		cfg.Name, cfg.Addr = fields["SourceNode"].(string), endpoint(fields["SourceAddr"], fields["SourcePort"])
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func versionsOf(v any) (out swim.Versions) {
	copy(out[:], octets(v))
	return out
}

// messageOf is what a message of a packet means.
func messageOf(decoded map[string]any) (m swim.Message) {
	f, _ := decoded["fields"].(map[string]any)
	text := func(name string) []byte { return []byte(f[name].(string)) }
	switch decoded["message"] {
	case "ping":
		m = swim.Message{Kind: swim.KindPing, Name: text("Node")}
	case "indirectPing":
		m = swim.Message{Kind: swim.KindPingReq, Name: text("Node"), WantNack: f["Nack"].(bool), Addr: endpoint(f["Target"], f["Port"])}
	case "ackResp":
		m.Kind = swim.KindAck
	case "nackResp":
		m.Kind = swim.KindNack
	case "suspect":
		m = swim.Message{Kind: swim.KindSuspect, Name: text("Node"), From: text("From")}
	case "dead":
		m = swim.Message{Kind: swim.KindDead, Name: text("Node"), From: text("From")}
	case "alive":
		m = swim.Message{
			Kind: swim.KindAlive, Name: text("Node"), Addr: endpoint(f["Addr"], f["Port"]),
			Meta: octets(f["Meta"]), Versions: versionsOf(f["Vsn"]),
		}
	case "user":
		return swim.Message{Kind: swim.KindUser, Body: octets(decoded["payload"])}
	default:
		panic(decoded["message"])
	}
	if seq, ok := f["SeqNo"]; ok {
		m.Seq = swim.SeqNo(number(seq))
	}
	if i, ok := f["Incarnation"]; ok {
		m.Stamp.Incarnation = swim.Incarnation(number(i))
	}
	if ip, ok := f["SourceAddr"]; ok {
		m.ReplyTo = endpoint(ip, f["SourcePort"])
	}
	if name, ok := f["SourceNode"].(string); ok && name != "" && m.Kind == swim.KindPing {
		m.From = []byte(name)
	}
	return m
}

// frameOf is what a message of a stream means.
func frameOf(decoded map[string]any) *swim.Frame {
	f, _ := decoded["fields"].(map[string]any)
	switch decoded["message"] {
	case "ping":
		return &swim.Frame{Kind: swim.FramePing, Seq: swim.SeqNo(number(f["SeqNo"])), Name: f["Node"].(string)}
	case "ackResp":
		return &swim.Frame{Kind: swim.FrameAck, Seq: swim.SeqNo(number(f["SeqNo"]))}
	case "err":
		return &swim.Frame{Kind: swim.FrameError, Text: f["Error"].(string)}
	case "user":
		return &swim.Frame{Kind: swim.FrameUser, State: octets(decoded["payload"])}
	case "pushPull":
		frame := &swim.Frame{Kind: swim.FrameTable, State: octets(decoded["user_state"])}
		frame.Join = decoded["header"].(map[string]any)["Join"].(bool)
		var rows []swim.TableRow
		for _, n := range decoded["nodes"].([]any) {
			n := n.(map[string]any)
			row := swim.TableRow{
				State: swim.State(number(n["State"])), Name: []byte(n["Name"].(string)), Addr: endpoint(n["Addr"], n["Port"]),
				Meta: octets(n["Meta"]), Versions: versionsOf(n["Vsn"]),
			}
			row.Stamp.Incarnation = swim.Incarnation(number(n["Incarnation"]))
			rows = append(rows, row)
		}
		frame.Table = tableOf(rows)
		return frame
	}
	panic(decoded["message"])
}

// What memberlist wrote is read as what it meant, and written again byte for byte.
func TestEveryVectorOfMemberlistIsReadAndWrittenAgain(t *testing.T) {
	for _, v := range readVectors(t) {
		t.Run(v.name, func(t *testing.T) {
			b, decoded := peel(t, v.bytes, v.decoded)
			if !strings.HasPrefix(v.direction, "stream") {
				checkPacketVector(t, b, decoded)
				return
			}
			checkFrameVector(t, b, decoded)
		})
	}
}

func checkPacketVector(t *testing.T, b []byte, decoded map[string]any) {
	t.Helper()
	parts := []any{decoded}
	if decoded["layer"] == "compound" {
		parts = decoded["parts"].([]any)
	}
	c := codecOf(t, parts[0].(map[string]any))
	messages, drop := c.OpenPacket(b)
	if drop != swim.DropNone {
		t.Fatalf("dropped: %v", drop)
	}
	again := c.BeginPacket([]byte("before"))
	var offsets []int
	for i, part := range parts {
		want := messageOf(part.(map[string]any))
		m := swim.Message{Body: []byte("from before")}
		var ok bool
		if messages, ok = c.NextMessage(messages, &m); !ok || !reflect.DeepEqual(m, want) {
			t.Fatalf("message %d: ok %v\n got %+v\nwant %+v", i, ok, m, want)
		}
		offsets = append(offsets, len(again))
		if hasPayload(part.(map[string]any)) {
			// Of an application; ours says nothing.
			whole := b
			if digits, ok := part.(map[string]any)["hex"]; ok {
				whole = unhex(digits.(string))
			}
			again = append(again, whole...)
			continue
		}
		again = c.AppendMessage(again, &m)
	}
	if messages.Len() != 0 {
		t.Errorf("%d bytes are left", messages.Len())
	}
	if again = c.FinishPacket(again, len("before"), offsets); !bytes.Equal(again[len("before"):], b) {
		t.Errorf("written again\n% x, want\n% x", again[len("before"):], b)
	}
}

// hasPayload reports whether an ack says something of an application's.
func hasPayload(decoded map[string]any) bool {
	f, _ := decoded["fields"].(map[string]any)
	return f["Payload"] != nil
}

func checkFrameVector(t *testing.T, b []byte, decoded map[string]any) {
	t.Helper()
	c := codecOf(t, decoded)
	want := frameOf(decoded)
	f, err := c.ParseFrame(b)
	if err != nil || !sameFrame(f, want) {
		t.Fatalf("%v\n got %+v\nwant %+v", err, f, want)
	}
	if again := c.AppendFrame([]byte("before"), f); !bytes.Equal(again, append([]byte("before"), b...)) {
		t.Errorf("written again\n% x, want\n% x", again[len("before"):], b)
	}
}
