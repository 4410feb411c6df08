package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
)

// A Policy says what of a node's traffic has to be encrypted. It is what moves a
// live cluster from clear traffic to encrypted without losing anybody: all nodes to
// Accepted, then all to Preferred, then all to Required; and back the other way.
type Policy uint8

const (
	// Required: everything is sent encrypted, and what comes in clear is dropped.
	// Memberlist: GossipVerifyIncoming and GossipVerifyOutgoing. The default.
	Required Policy = iota
	// Preferred: everything is sent encrypted; what comes in clear is taken as well.
	// Memberlist: GossipVerifyOutgoing alone.
	Preferred
	// Accepted: everything is sent in clear; what comes encrypted is taken as well.
	// Memberlist: neither flag.
	Accepted
)

// String returns one lower-case word.
func (p Policy) String() string {
	switch p {
	case Preferred:
		return "preferred"
	case Accepted:
		return "accepted"
	}
	return "required"
}

// ErrPrimaryKey: the primary key cannot be removed. Make another one primary first,
// with [Keyring.UseKey]. Nothing has changed.
var ErrPrimaryKey = errors.New("seal: the primary key cannot be removed; use another one first")

// ErrUnknownKey: the keyring has no such key. Nothing has changed.
var ErrUnknownKey = errors.New("seal: the key is not in the keyring")

// ErrNoKey: the keyring is the zero value, which has no key.
var ErrNoKey = errors.New("seal: the keyring has no key; make it with NewKeyring")

// A KeyLengthError is a key that is no AES key.
type KeyLengthError struct{ Length int } // bytes

// Error tells the length and those that would do. It does not show the key.
func (e *KeyLengthError) Error() string {
	return fmt.Sprintf("seal: a key has %d bytes, want 16, 24 or 32 (AES-128, AES-192 or AES-256)", e.Length)
}

// A Keyring holds the keys of a cluster, and the [Policy] of who holds it. The
// primary key encrypts; every key decrypts, the primary is tried first. Keys and policy may change
// while nodes use the keyring, and hold from the next packet on: a key is rotated by
// AddKey on all nodes, UseKey on all nodes, RemoveKey on all nodes, in that order.
//
// All methods may be called concurrently. Readers take no lock. Keys are copied in
// and out. A Keyring never shows its keys when it is printed or logged.
type Keyring struct {
	mu   sync.Mutex           // orders writers
	ring atomic.Pointer[ring] // what readers see, never changed once it is here
}

// A ring is one state of a keyring.
type ring struct {
	keys   []key // the primary first; never empty
	policy Policy
}

type key struct {
	secret []byte
	aead   cipher.AEAD
}

// NewKeyring returns a keyring of a primary key and, optionally, others, under the
// policy Required. Keys have 16, 24 or 32 bytes. The error is a *[KeyLengthError].
func NewKeyring(primary []byte, others ...[]byte) (*Keyring, error) {
	first, err := newKey(primary)
	if err != nil {
		return nil, err
	}
	k := &Keyring{}
	k.ring.Store(&ring{keys: []key{first}})
	for _, secret := range others {
		if err := k.AddKey(secret); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func newKey(secret []byte) (key, error) {
	switch len(secret) {
	case 16, 24, 32:
	default:
		return key{}, &KeyLengthError{Length: len(secret)}
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return key{}, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return key{}, fmt.Errorf("seal: %w", err)
	}
	return key{secret: bytes.Clone(secret), aead: aead}, nil
}

// AddKey adds a key that decrypts. Adding one that is there changes nothing. The error
// is a *[KeyLengthError] or [ErrNoKey].
func (k *Keyring) AddKey(secret []byte) error {
	added, err := newKey(secret)
	if err != nil {
		return err
	}
	return k.change(func(r *ring) error {
		if r.index(secret) < 0 {
			r.keys = append(r.keys, added)
		}
		return nil
	})
}

// UseKey makes a key that is in the ring the primary one. The error is
// [ErrUnknownKey].
func (k *Keyring) UseKey(secret []byte) error {
	return k.change(func(r *ring) error {
		i := r.index(secret)
		if i < 0 {
			return ErrUnknownKey
		}
		r.keys[0], r.keys[i] = r.keys[i], r.keys[0]
		return nil
	})
}

// RemoveKey removes a key. The error is [ErrPrimaryKey] or, unlike in memberlist,
// [ErrUnknownKey]: whoever mistypes the key to remove has to hear of it.
func (k *Keyring) RemoveKey(secret []byte) error {
	return k.change(func(r *ring) error {
		switch i := r.index(secret); i {
		case -1:
			return ErrUnknownKey
		case 0:
			return ErrPrimaryKey
		default:
			r.keys = append(r.keys[:i], r.keys[i+1:]...)
			return nil
		}
	})
}

// SetPolicy says what has to be encrypted from now on. The error is [ErrNoKey].
func (k *Keyring) SetPolicy(p Policy) error {
	return k.change(func(r *ring) error { r.policy = p; return nil })
}

// change replaces the ring by a changed copy, unless f fails.
func (k *Keyring) change(f func(*ring) error) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	old := k.ring.Load()
	if old == nil {
		return ErrNoKey
	}
	r := &ring{keys: append([]key(nil), old.keys...), policy: old.policy}
	if err := f(r); err != nil {
		return err
	}
	k.ring.Store(r)
	return nil
}

// Keys returns copies of all keys, the primary first.
func (k *Keyring) Keys() [][]byte {
	r := k.ring.Load()
	if r == nil {
		return nil
	}
	keys := make([][]byte, len(r.keys))
	for i := range r.keys {
		keys[i] = bytes.Clone(r.keys[i].secret)
	}
	return keys
}

// Policy is the present one.
func (k *Keyring) Policy() Policy {
	if r := k.ring.Load(); r != nil {
		return r.policy
	}
	return Required
}

// String tells how many keys there are, and the policy.
func (k *Keyring) String() string {
	n := 0
	if r := k.ring.Load(); r != nil {
		n = len(r.keys)
	}
	if n == 1 {
		return fmt.Sprintf("keyring of 1 key, encryption %v", k.Policy())
	}
	return fmt.Sprintf("keyring of %d keys, encryption %v", n, k.Policy())
}

// GoString is String, so that %#v does not show keys either.
func (k *Keyring) GoString() string { return k.String() }

// LogValue is String, so that no handler of logs shows keys.
func (k *Keyring) LogValue() slog.Value { return slog.StringValue(k.String()) }

// load is the present ring, nil without a keyring.
func (k *Keyring) load() *ring {
	if k == nil {
		return nil
	}
	return k.ring.Load()
}

func (r *ring) index(secret []byte) int {
	for i := range r.keys {
		if bytes.Equal(r.keys[i].secret, secret) {
			return i
		}
	}
	return -1
}

// encrypts reports whether what is sent has to be encrypted.
func (r *ring) encrypts() bool { return r != nil && r.policy != Accepted }

// demands reports whether what comes has to be encrypted. A policy that is none is
// the strictest one.
func (r *ring) demands() bool { return r != nil && r.policy != Preferred && r.policy != Accepted }

const (
	nonceLen = 12 // bytes; GCM's usual
	tagLen   = 16
)

// seal appends nonce, ciphertext and tag of plain to dst. plain must not be in the
// part of dst that is written.
func (r *ring) seal(dst, plain, additional []byte, nonce func([]byte)) []byte {
	start := len(dst)
	dst = append(dst, make([]byte, nonceLen)...)
	nonce(dst[start:])
	return r.keys[0].aead.Seal(dst, dst[start:start+nonceLen], plain, additional)
}

// open appends to dst what nonce, ciphertext and tag hold, if one of the keys opens
// them. The memory behind sealed and dst must not overlap: a key that does not fit
// leaves no ciphertext for the next.
func (r *ring) open(dst, sealed, additional []byte) (plain []byte, ok bool) {
	if len(sealed) < nonceLen+tagLen {
		return nil, false
	}
	for i := range r.keys {
		plain, err := r.keys[i].aead.Open(dst, sealed[:nonceLen], sealed[nonceLen:], additional)
		if err == nil {
			return plain, true
		}
	}
	return nil, false
}
