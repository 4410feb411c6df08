package seal

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/nekton-go/nekton/swim"
)

func TestAKeyringHasKeysOfThreeLengths(t *testing.T) {
	for n := range 40 {
		_, err := NewKeyring(keyOf('k', n))
		var length *KeyLengthError
		if good := n == 16 || n == 24 || n == 32; good != (err == nil) {
			t.Errorf("a key of %d bytes: %v", n, err)
		} else if !good && (!errors.As(err, &length) || length.Length != n) {
			t.Errorf("a key of %d bytes is the error %v", n, err)
		}
	}
	if _, err := NewKeyring(keyOf('k', 16), keyOf('k', 17)); err == nil {
		t.Error("a second key of 17 bytes is taken")
	}
	k := ringOf(t, Required, 1)
	if err := k.AddKey(nil); err == nil || len(k.Keys()) != 1 {
		t.Errorf("an empty key is added: %v", err)
	}
}

func TestKeysAreAddedUsedAndRemoved(t *testing.T) {
	a, b, c := keyOf('a', 16), keyOf('b', 24), keyOf('c', 32)
	k, err := NewKeyring(a, b)
	if err != nil {
		t.Fatal(err)
	}
	keys := func(want ...[]byte) {
		t.Helper()
		got := k.Keys()
		if len(got) != len(want) {
			t.Fatalf("the ring has %d keys, want %d", len(got), len(want))
		}
		for i := range want {
			if !bytes.Equal(got[i], want[i]) {
				t.Errorf("key %d is %q, want %q", i, got[i], want[i])
			}
		}
	}
	check := func(what string, err, want error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", what, err, want)
		}
	}
	keys(a, b)
	check("using an unknown key", k.UseKey(c), ErrUnknownKey)
	check("removing an unknown key", k.RemoveKey(c), ErrUnknownKey)
	check("removing the primary key", k.RemoveKey(a), ErrPrimaryKey)
	keys(a, b)
	check("adding", k.AddKey(c), nil)
	check("adding again", k.AddKey(c), nil)
	keys(a, b, c)
	check("using", k.UseKey(c), nil)
	check("using again", k.UseKey(c), nil)
	keys(c, b, a)
	check("removing", k.RemoveKey(a), nil)
	keys(c, b)
}

func TestKeysAreCopiedInAndOut(t *testing.T) {
	secret := keyOf('a', 16)
	k, err := NewKeyring(secret)
	if err != nil {
		t.Fatal(err)
	}
	secret[0] = 'x'
	k.Keys()[0][1] = 'x'
	if got := k.Keys()[0]; !bytes.Equal(got, keyOf('a', 16)) {
		t.Errorf("the key has become %q", got)
	}
}

func TestAKeyringDoesNotShowItsKeys(t *testing.T) {
	k := ringOf(t, Preferred, 's')
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "keyring", k)
	shown := fmt.Sprintf("%v %+v %#v %s", k, k, k, k) + log.String()
	if strings.Contains(shown, "ssss") || strings.Contains(shown, "73737373") || strings.Contains(shown, "115 115") {
		t.Errorf("the key is shown: %s", shown)
	}
	if want := "keyring of 1 key, encryption preferred"; k.String() != want {
		t.Errorf("it is shown as %q, want %q", k, want)
	}
}

func TestTheZeroKeyringIsNone(t *testing.T) {
	var k Keyring
	for _, err := range []error{
		k.AddKey(keyOf(1, 16)), k.UseKey(keyOf(1, 16)), k.RemoveKey(keyOf(1, 16)), k.SetPolicy(Accepted),
		(&Config{Keyring: &k}).Validate(),
	} {
		if !errors.Is(err, ErrNoKey) {
			t.Errorf("the error is %v", err)
		}
	}
	if k.Keys() != nil || k.Policy() != Required || k.String() == "" {
		t.Errorf("the zero keyring is %v with keys %v", &k, k.Keys())
	}
}

func TestPolicies(t *testing.T) {
	for _, c := range []struct {
		policy            Policy
		encrypts, demands bool
		name              string
	}{
		{Required, true, true, "required"}, {Preferred, true, false, "preferred"}, {Accepted, false, false, "accepted"},
		{Policy(77), true, true, "required"},
	} {
		r := ringOf(t, c.policy, 1).load()
		if r.encrypts() != c.encrypts || r.demands() != c.demands || c.policy.String() != c.name {
			t.Errorf("%v encrypts %v, demands %v", c.policy, r.encrypts(), r.demands())
		}
	}
}

// Keys are rotated while packets are sealed by one node and opened by another that is
// always one step ahead or behind.
func TestNoPacketIsLostWhileKeysAreRotated(t *testing.T) {
	for name, version := range versions() {
		t.Run(name, func(t *testing.T) {
			ours, theirs := ringOf(t, Required, 0), ringOf(t, Required, 0)
			sender, receiver := layerOf(t, version, Config{Keyring: ours}), layerOf(t, version, Config{Keyring: theirs})
			stop := make(chan struct{})
			var group sync.WaitGroup
			for range 2 {
				group.Go(func() {
					var out, in Buffers
					message := messageOf(name, 100)
					for {
						select {
						case <-stop:
							return
						default:
						}
						got, drop := receiver.Open(&in, sender.Seal(&out, message, true))
						if drop != swim.DropNone || !bytes.Equal(got, message) {
							t.Errorf("a packet was dropped: %v", drop)
							return
						}
					}
				})
			}
			for i := range byte(50) {
				old, fresh := keyOf(i, 16), keyOf(i+1, 16)
				for _, step := range []error{
					theirs.AddKey(fresh), ours.AddKey(fresh), ours.UseKey(fresh), theirs.UseKey(fresh), ours.RemoveKey(old),
				} {
					if step != nil {
						t.Error(step)
					}
				}
			}
			close(stop)
			group.Wait()
			if n := len(ours.Keys()); n != 1 {
				t.Errorf("the sender has %d keys", n)
			}
			if n := len(theirs.Keys()); n != 51 {
				t.Errorf("the receiver has %d keys", n)
			}
		})
	}
}
