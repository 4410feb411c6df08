package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

// A vector is bytes that memberlist v0.7.0 wrote, and what is in them.
type vector struct {
	Name      string `json:"name"`
	Layer     string `json:"layer"`
	Direction string `json:"direction"`
	Config    struct {
		Key   string `json:"key_hex"`
		Label string `json:"label"`
	} `json:"config"`
	Hex     string `json:"hex"`
	Decoded node   `json:"decoded"`
}

// A node is one layer of a vector.
type node struct {
	Layer        string `json:"layer"`
	Version      byte   `json:"version"`
	Nonce        string `json:"nonce"`
	Plaintext    string `json:"plaintext"`
	Uncompressed string `json:"uncompressed"`
	Inner        *node  `json:"inner"`
	Message      string `json:"message"`
}

// of is the part of the vector that is a certain layer, nil if there is none.
func (n *node) of(layer string) *node {
	for ; n != nil; n = n.Inner {
		if n.Layer == layer || layer == "encrypt" && n.Nonce != "" {
			return n
		}
	}
	return nil
}

func vectors(t *testing.T) []vector {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "swim", "wirev1", "testdata", "*.json"))
	if err != nil || len(names) != 80 {
		t.Fatalf("there are %d vectors: %v", len(names), err)
	}
	var all []vector
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var v vector
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	return all
}

// config is that of a node that reads the vector. Some vectors show what happens when
// one side has keys and the other has not.
func (v vector) config(t *testing.T) Config {
	t.Helper()
	cfg := Config{Label: v.Config.Label}
	if v.Config.Key != "" {
		key, err := hex.DecodeString(v.Config.Key)
		if err != nil {
			t.Fatal(err)
		}
		if cfg.Keyring, err = NewKeyring(key); err != nil {
			t.Fatal(err)
		}
	}
	return cfg
}

// nested is the message under the layers, as the vector says it: of the innermost layer
// that has bytes of its own.
func (v vector) nested(t *testing.T) []byte {
	t.Helper()
	raw, err := hex.DecodeString(v.Hex)
	if err != nil {
		t.Fatal(err)
	}
	under := func(said string) []byte {
		b, err := hex.DecodeString(strings.TrimPrefix(said, "hex:"))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	for n := &v.Decoded; n != nil; n = n.Inner {
		switch {
		case n.Uncompressed != "":
			raw = under(n.Uncompressed)
		case n.Plaintext != "":
			raw = under(n.Plaintext)
		case n.Layer == "crc":
			raw = raw[v1ChecksumLen:]
		case n.Layer == "label":
			raw = raw[2+len(v.Config.Label):]
		}
	}
	return raw
}

// fixed is a source of nonces that has one.
func fixed(t *testing.T, n *node) func([]byte) {
	t.Helper()
	nonce, err := hex.DecodeString(strings.TrimPrefix(n.Nonce, "hex:"))
	if err != nil || len(nonce) != nonceLen {
		t.Fatalf("nonce %q: %v", n.Nonce, err)
	}
	return func(b []byte) { copy(b, nonce) }
}

func TestEveryPacketOfMemberlistIsOpenedAndSealedAgain(t *testing.T) {
	packets, again := 0, 0
	for _, v := range vectors(t) {
		if v.Direction != "packet" {
			continue
		}
		packets++
		raw, want := unhex(t, v.Hex), v.nested(t)
		cfg := v.config(t)
		l := layerOf(t, V1, cfg).(*v1)
		var b Buffers
		got, drop := l.Open(&b, bytes.Clone(raw))
		if drop != swim.DropNone || !bytes.Equal(got, want) {
			t.Errorf("%s: opened %x (%v), want %x", v.Name, got, drop, want)
			continue
		}
		if enc := v.Decoded.of("encrypt"); enc != nil {
			if enc.Version == v1Padded {
				continue // which is read, not sent
			}
			l.nonce = fixed(t, enc)
		}
		l.compress = v.Decoded.of("compress") != nil
		again++
		if sealed := l.Seal(&b, bytes.Clone(got), v.Decoded.of("crc") != nil); !bytes.Equal(sealed, raw) {
			t.Errorf("%s: sealed again it is\n%x, want\n%x", v.Name, sealed, raw)
		}
		if extra := len(raw) - len(want); extra > l.Overhead() {
			t.Errorf("%s: the layers add %d bytes, the overhead is %d", v.Name, extra, l.Overhead())
		}
	}
	t.Logf("%d packets, %d of them sealed again", packets, again)
	if packets != 35 || again != 33 {
		t.Errorf("%d packets were opened, %d sealed again", packets, again)
	}
}

func TestEveryStreamOfMemberlistIsReadAndWrittenAgain(t *testing.T) {
	streams, again := 0, 0
	for _, v := range vectors(t) {
		if v.Direction == "packet" {
			continue
		}
		streams++
		raw, want := unhex(t, v.Hex), v.nested(t)
		cfg := v.config(t)
		fromDialler := v.Direction == "stream initiator->responder"
		if strings.HasPrefix(v.Name, "errresp-") && v.Decoded.of("encrypt") == nil {
			cfg.Keyring = nil // the side without
		}
		l := layerOf(t, V1, cfg).(*v1)
		got, err := l.Stream(new(Buffers), playing(bytes.Clone(raw)), transport.Limits{}, !fromDialler).Next()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: read %x (%v), want %x", v.Name, got, err, want)
			continue
		}
		if enc := v.Decoded.of("encrypt"); enc != nil {
			if enc.Version == v1Padded {
				continue
			}
			l.nonce = fixed(t, enc)
		}
		l.compress = v.Decoded.of("compress") != nil
		conn := playing(nil)
		again++
		if err := l.Stream(new(Buffers), conn, transport.Limits{}, fromDialler).Write(got); err != nil || !bytes.Equal(conn.out.Bytes(), raw) {
			t.Errorf("%s: written again it is (%v)\n%x, want\n%x", v.Name, err, conn.out.Bytes(), raw)
		}
	}
	t.Logf("%d directions of streams, %d of them written again", streams, again)
	if streams != 45 || again != 40 {
		t.Errorf("%d directions were read, %d written again", streams, again)
	}
}

// Exchanges of libopenstorage/gossip, which has a memberlist of 2016: compressed, and
// in them a push-pull.
func TestTheJoinsOfLibopenstorageAreRead(t *testing.T) {
	for _, name := range []string{"join-exchange-v1", "join-exchange-v2"} {
		b, err := os.ReadFile(filepath.Join("testdata", "libopenstorage", name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var v struct {
			Request  string `json:"request_hex"`
			Response string `json:"response_hex"`
		}
		if err := json.Unmarshal(b, &v); err != nil {
			t.Fatal(err)
		}
		l := layerOf(t, V1, Config{})
		for i, raw := range [][]byte{unhex(t, v.Request), unhex(t, v.Response)} {
			message, err := l.Stream(new(Buffers), playing(raw), transport.Limits{}, i == 1).Next()
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			const pushPull = 6
			if message[0] != pushPull || !bytes.Contains(message, []byte("node-")) {
				t.Errorf("%s: the message is %x", name, message)
			}
			conn := playing(nil)
			if err := l.Stream(new(Buffers), conn, transport.Limits{}, i == 0).Write(message); err != nil || !bytes.Equal(conn.out.Bytes(), raw) {
				t.Errorf("%s: written again it is (%v)\n%x, want\n%x", name, err, conn.out.Bytes(), raw)
			}
		}
	}
}
