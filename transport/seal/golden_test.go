package seal

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/transport"
)

var (
	block   = regexp.MustCompile("(?ms)^```sealed ([a-z-]+)\n(.*?)^```")
	comment = regexp.MustCompile(`(?m)#.*$`)
)

// sealedBlocks are the bytes that docs/wire-v2.md shows of packets and streams with
// something around them, by name.
func sealedBlocks(t *testing.T) map[string][]byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "wire-v2.md"))
	if err != nil {
		t.Fatal(err)
	}
	page = bytes.ReplaceAll(page, []byte("\r\n"), []byte("\n"))
	all := map[string][]byte{}
	for _, m := range block.FindAllSubmatch(page, -1) {
		text := comment.ReplaceAllString(string(m[2]), "")
		all[string(m[1])] = unhex(t, strings.Join(strings.Fields(text), ""))
	}
	return all
}

// The page fixes key, label and nonces, so that another implementation can compare.
func TestThePageShowsTheBytesOfV2(t *testing.T) {
	shown := sealedBlocks(t)
	count := byte(0)
	nonces := func(b []byte) {
		for i := range b {
			b[i] = count
		}
		count++
	}
	secret := []byte("0123456789abcdef")
	keys, err := NewKeyring(secret)
	if err != nil {
		t.Fatal(err)
	}
	ack := []byte{0xce, 0x45, 0x54, 0xd2, 0x92, 0x92, 0x03, 0x07}
	check := func(name string, got []byte) {
		t.Helper()
		if want, ok := shown[name]; !ok || !bytes.Equal(got, want) {
			t.Errorf("%s is\n% x, the page shows\n% x", name, got, want)
		}
		delete(shown, name)
	}
	layer := func(cfg Config) *v2 {
		l := layerOf(t, V2, cfg).(*v2)
		l.nonce = nonces
		return l
	}
	var b Buffers
	check("packet-labelled", layer(Config{Label: "reef"}).Seal(&b, ack, false))
	l := layer(Config{Label: "reef", Keyring: keys})
	check("packet-encrypted", l.Seal(&b, ack, false))

	toAcceptor, toDialler := new(bytes.Buffer), new(bytes.Buffer)
	ours := l.Stream(new(Buffers), &wire{in: toDialler, out: toAcceptor}, transport.Limits{}, true)
	theirs := l.Stream(new(Buffers), &wire{in: toAcceptor, out: toDialler}, transport.Limits{}, false)
	count = 1
	if err := ours.Write([]byte{0x94, 0x05, 0xa5, 's', 'h', 'o', 'a', 'l', 0x07, 0xa8, 's', 'e', 'a', 'h', 'o', 'r', 's', 'e'}); err != nil {
		t.Fatal(err)
	}
	check("stream-ping", bytes.Clone(toAcceptor.Bytes()))
	if _, err := theirs.Next(); err != nil {
		t.Fatal(err)
	}
	if err := theirs.Write([]byte{0x92, 0x06, 0x07}); err != nil {
		t.Fatal(err)
	}
	check("stream-ack", bytes.Clone(toDialler.Bytes()))

	refusal := playing(append([]byte{v2Label, 4, 'r', 'e', 'e', 'f', v2Frame, 0, 0, 0, 1}, 0x90))
	if _, err := l.Stream(new(Buffers), refusal, transport.Limits{}, false).Next(); err == nil {
		t.Error("a clear stream was taken")
	}
	check("stream-refusal", refusal.out.Bytes())
	for name := range shown {
		t.Errorf("the page shows %s, which nothing writes", name)
	}
	if got := swim.RefusedClear; got != 7 {
		t.Errorf("the page says that reason 7 is that encryption is required; it is %d", got)
	}
}
