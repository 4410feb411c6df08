package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"strings"
	"testing"

	"github.com/nekton-go/nekton/swim"
	"github.com/nekton-go/nekton/swim/wirev1"
)

// Every combination of layers at the sender and the receiver that has to work: all that
// differs is the policy of keyrings that share a key.
func TestAPacketArrivesAsItWasWhateverIsAroundIt(t *testing.T) {
	for name, version := range versions() {
		for _, label := range []string{"", "x", strings.Repeat("l", MaxLabel)} {
			for _, policies := range [][2]Policy{{Required, Required}, {Required, Preferred}, {Required, Accepted}, {Preferred, Accepted}, {Accepted, Preferred}, {Accepted, Accepted}} {
				for _, noCompression := range []bool{false, true} {
					for _, checked := range []bool{false, true} {
						from := Config{Keyring: ringOf(t, policies[0], 1), Label: label, NoCompression: noCompression}
						to := Config{Keyring: ringOf(t, policies[1], 2, 1), Label: label}
						sender, receiver := layerOf(t, version, from), layerOf(t, version, to)
						var out, in Buffers
						for _, n := range []int{1, 20, 1400, 60000} {
							message := messageOf(name, n)
							packet := sender.Seal(&out, bytes.Clone(message), checked)
							if len(packet) > n+sender.Overhead() {
								t.Errorf("%s: %d bytes have become %d, with an overhead of %d", name, n, len(packet), sender.Overhead())
							}
							if got := VersionOf(packet[0]); got != name {
								t.Errorf("%s: a packet that begins with %#x is of version %q", name, packet[0], got)
							}
							got, drop := receiver.Open(&in, packet)
							if drop != swim.DropNone || !bytes.Equal(got, message) {
								t.Errorf("%s, label of %d, %v to %v, %d bytes: dropped %v", name, len(label), policies[0], policies[1], n, drop)
							}
						}
					}
				}
			}
		}
	}
}

func TestWithNothingConfiguredAPacketOfV2IsItsMessage(t *testing.T) {
	l := layerOf(t, V2, Config{})
	var b Buffers
	message := messageOf("v2", 100)
	if packet := l.Seal(&b, message, true); &packet[0] != &message[0] || len(packet) != 100 {
		t.Error("the message was copied")
	}
	if got, drop := l.Open(&b, message); drop != swim.DropNone || &got[0] != &message[0] || len(got) != 100 {
		t.Error("the packet was copied")
	}
	if l.Overhead() != 0 {
		t.Errorf("the overhead is %d", l.Overhead())
	}
}

// The overhead is part of what a core is told once, and must not depend on what can
// change later.
func TestTheOverheadDoesNotDependOnThePolicy(t *testing.T) {
	for name, version := range versions() {
		k := ringOf(t, Accepted, 1)
		l := layerOf(t, version, Config{Keyring: k})
		before := l.Overhead()
		if err := k.SetPolicy(Required); err != nil {
			t.Fatal(err)
		}
		if after := l.Overhead(); after != before || before < sealedLen {
			t.Errorf("%s: the overhead was %d and is %d", name, before, after)
		}
	}
}

func TestAPacketThatIsNotForUsIsDroppedWithAReason(t *testing.T) {
	for name, version := range versions() {
		clear, none := Config{NoCompression: true}, (*Keyring)(nil)
		with := func(k *Keyring, label string) Config { return Config{Keyring: k, Label: label, NoCompression: true} }
		one, two := ringOf(t, Required, 1), ringOf(t, Required, 2)
		for _, c := range []struct {
			what     string
			from, to Config
			want     swim.Drop
		}{
			{"clear where encryption is required", clear, with(one, ""), swim.DropUnauthenticated},
			{"encrypted with another key", with(two, ""), with(one, ""), swim.DropKey},
			{"another label", with(none, "a"), with(none, "b"), swim.DropLabel},
			{"no label where there should be one", clear, with(none, "b"), swim.DropLabel},
			{"a label where there should be none", with(none, "a"), clear, swim.DropLabel},
			{"another label, encrypted", with(one, "a"), with(one, "b"), swim.DropLabel},
			{"a label that a proxy should have removed", with(none, "a"), Config{Label: "a", SkipInboundLabelCheck: true}, swim.DropLabel},
		} {
			var out, in Buffers
			message := messageOf(name, 60)
			if name == "v1" {
				message[0] = 4 // not the version of an encrypted packet
			}
			packet := layerOf(t, version, c.from).Seal(&out, message, false)
			if got, drop := layerOf(t, version, c.to).Open(&in, packet); drop != c.want || got != nil {
				t.Errorf("%s: %s: dropped %v, want %v", name, c.what, drop, c.want)
			}
		}
	}
}

func TestAProxyMayRemoveTheLabelOfAnEncryptedPacket(t *testing.T) {
	for name, version := range versions() {
		k := ringOf(t, Required, 1)
		var out, in Buffers
		packet := layerOf(t, version, Config{Keyring: k, Label: "pod"}).Seal(&out, messageOf(name, 60), false)
		l := layerOf(t, version, Config{Keyring: k, Label: "pod", SkipInboundLabelCheck: true})
		if got, drop := l.Open(&in, packet[2+len("pod"):]); drop != swim.DropNone || !bytes.Equal(got, messageOf(name, 60)) {
			t.Errorf("%s: dropped %v", name, drop)
		}
		other := layerOf(t, version, Config{Keyring: k, Label: "sea", SkipInboundLabelCheck: true})
		if _, drop := other.Open(&in, packet[2+len("pod"):]); drop != swim.DropKey {
			t.Errorf("%s: the label is not authenticated: %v", name, drop)
		}
	}
}

// Whoever has no key reads what is encrypted as something of v1, or knows it as v2.
func TestAnEncryptedPacketOfV2AtANodeWithoutKeysIsCountedAsSuch(t *testing.T) {
	var out, in Buffers
	packet := layerOf(t, V2, Config{Keyring: ringOf(t, Required, 1)}).Seal(&out, messageOf("v2", 60), false)
	if _, drop := layerOf(t, V2, Config{}).Open(&in, packet); drop != swim.DropKey {
		t.Errorf("dropped %v", drop)
	}
}

func TestPacketsOfTheOtherVersionAreKnownWhateverIsAroundThem(t *testing.T) {
	cfg := Config{Keyring: ringOf(t, Required, 1), Label: "a"}
	for _, c := range []struct {
		sender, receiver func(Config) (Layer, error)
		message          string
	}{{V1, V2, "v1"}, {V2, V1, "v2"}} {
		var out, in Buffers
		for _, cfgOut := range []Config{{}, cfg} {
			packet := layerOf(t, c.sender, cfgOut).Seal(&out, messageOf(c.message, 60), true)
			if got, drop := layerOf(t, c.receiver, cfg).Open(&in, packet); drop != swim.DropVersion || got != nil {
				t.Errorf("a packet of %s at the other version: %v", c.message, drop)
			}
		}
	}
}

// Each byte of an encrypted packet is changed, and it is cut at every length.
func TestADamagedPacketIsNeverOpened(t *testing.T) {
	for name, version := range versions() {
		cfg := Config{Keyring: ringOf(t, Required, 1), Label: "pod"}
		l := layerOf(t, version, cfg)
		var out, in Buffers
		packet := bytes.Clone(l.Seal(&out, messageOf(name, 40), true))
		for i := range packet {
			damaged := bytes.Clone(packet)
			damaged[i] ^= 0x20
			if got, drop := l.Open(&in, damaged); drop == swim.DropNone && VersionOf(damaged[0]) == name {
				t.Errorf("%s: with byte %d changed it opens as %x", name, i, got)
			}
		}
		for n := range packet {
			if got, drop := l.Open(&in, packet[:n]); drop == swim.DropNone && n > 0 {
				t.Errorf("%s: cut to %d bytes it opens as %x", name, n, got)
			}
		}
	}
}

func checksummed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{v1Checksum}, crc32.ChecksumIEEE(message)), message...)
}

func compressed(message []byte) []byte { return wirev1.AppendCompressed(nil, message) }

func TestHostilePacketsOfV1(t *testing.T) {
	alive := append([]byte{4}, "alive"...)
	damaged := checksummed(alive)
	damaged[5]++
	packed := compressed(bytes.Repeat(alive, 20))
	for _, c := range []struct {
		what   string
		packet []byte
		want   []byte // nil: dropped
		drop   swim.Drop
	}{
		{"a checksum", checksummed(alive), alive, swim.DropNone},
		{"a checksum that is wrong", damaged, nil, swim.DropChecksum},
		{"a checksum that is cut is an unknown message", checksummed(nil)[:4], checksummed(nil)[:4], swim.DropNone},
		{"a checksum under a checksum is an unknown message", checksummed(checksummed(alive)), checksummed(alive), swim.DropNone},
		{"compression", packed, bytes.Repeat(alive, 20), swim.DropNone},
		{"compression under a checksum", checksummed(packed), bytes.Repeat(alive, 20), swim.DropNone},
		{"compression that is cut", packed[:len(packed)-3], nil, swim.DropCompression},
		{"compression of nothing", compressed(nil), []byte{}, swim.DropNone},
		{"compression that is no map", []byte{v1Compress, 0x93, 1, 2, 3}, nil, swim.DropCompression},
		{"compression without a map", []byte{v1Compress}, nil, swim.DropCompression},
		{"another algorithm", bytes.Replace(packed, []byte("Algo\x00"), []byte("Algo\x01"), 1), nil, swim.DropCompression},
		{"LZW that is none", append([]byte{v1Compress, 0x81, 0xa3}, "Buf\xa4\xff\xff\xff\xff"...), nil, swim.DropCompression},
		{"a bomb of 80 MiB", compressed(make([]byte, 80<<20)), nil, swim.DropCompression},
		{"as much as may be", compressed(make([]byte, wirev1.MaxExpanded)), make([]byte, wirev1.MaxExpanded), swim.DropNone},
		{"a byte more", compressed(make([]byte, wirev1.MaxExpanded+1)), nil, swim.DropCompression},
		{"a message of an application that is longer", compressed(append([]byte{8}, make([]byte, 80<<20)...)), []byte{8}, swim.DropNone},
		{"a bomb in a bomb is left to the codec", compressed(compressed(make([]byte, 1<<20))), compressed(make([]byte, 1<<20)), swim.DropNone},
		{"nothing", nil, []byte{}, swim.DropNone},
	} {
		var b Buffers
		got, drop := layerOf(t, V1, Config{}).Open(&b, c.packet)
		if drop != c.drop || !bytes.Equal(got, c.want) {
			t.Errorf("%s: %.80x, dropped %v, want %.80x, %v", c.what, got, drop, c.want, c.drop)
		}
	}
}

// paddedOf is a packet of encryption version 0 with any plaintext.
func paddedOf(t *testing.T, k *Keyring, plain []byte) []byte {
	t.Helper()
	return k.load().seal([]byte{v1Padded}, plain, nil, randomNonce)
}

func TestPaddingIsChecked(t *testing.T) {
	k := ringOf(t, Required, 1)
	l := layerOf(t, V1, Config{Keyring: k})
	for _, c := range []struct {
		what  string
		plain string
		want  string
	}{
		{"one byte of padding", "\x04fourteen bytes\x01", "\x04fourteen bytes"},
		{"a block of padding", strings.Repeat("\x04", 16) + strings.Repeat("\x10", 16), strings.Repeat("\x04", 16)},
		{"no block", "\x04four\x01", ""},
		{"no padding", "\x04fourteen bytes\x00", ""},
		{"more padding than a block", "\x04fourteen bytes\x11", ""},
		{"nothing", "", ""},
	} {
		var b Buffers
		got, drop := l.Open(&b, paddedOf(t, k, []byte(c.plain)))
		if want := swim.DropKey; string(got) != c.want || (c.want == "") != (drop == want) {
			t.Errorf("%s: %q, dropped %v", c.what, got, drop)
		}
	}
}

func TestAConfigurationThatCannotBeIsAnError(t *testing.T) {
	for name, version := range versions() {
		_, err := version(Config{Label: strings.Repeat("x", MaxLabel+1)})
		var label *LabelError
		if !errors.As(err, &label) || label.Length != MaxLabel+1 {
			t.Errorf("%s: a long label: %v", name, err)
		}
		if _, err := version(Config{Keyring: new(Keyring)}); !errors.Is(err, ErrNoKey) {
			t.Errorf("%s: no key: %v", name, err)
		}
	}
}

func TestOneByteTellsTheVersion(t *testing.T) {
	count := map[string]int{}
	for first := range 256 {
		count[VersionOf(byte(first))]++
	}
	if count["v1"] != 15 || count["v2"] != 4 || count[""] != 237 {
		t.Errorf("the first bytes are divided %v", count)
	}
}

// What costs a packet: nothing when nothing is around it, and no memory in any case.
func TestSealingAndOpeningAllocateNothing(t *testing.T) {
	for name, version := range versions() {
		for what, cfg := range map[string]Config{
			"plain": {NoCompression: true}, "encrypted": {Keyring: ringOf(t, Required, 1), Label: "pod", NoCompression: true},
			"all": {Keyring: ringOf(t, Required, 1), Label: "pod"},
		} {
			l := layerOf(t, version, cfg)
			message := messageOf(name, 300)
			var out, in Buffers
			allocs := testing.AllocsPerRun(50, func() {
				if _, drop := l.Open(&in, l.Seal(&out, message, true)); drop != swim.DropNone {
					t.Error(drop)
				}
			})
			if allocs != 0 {
				t.Errorf("%s, %s: %v allocations", name, what, allocs)
			}
		}
	}
}
