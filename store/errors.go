package store

import (
	"errors"
	"fmt"

	"github.com/nekton-go/nekton/types"
)

// What can be wrong. Whichever error a method returns, the store is unchanged.
var (
	// ErrKeyTooLong: a key is longer than [Config.MaxKey]. See [LimitError].
	ErrKeyTooLong = errors.New("key too long")
	// ErrValueTooLarge: a value is larger than [Config.MaxValue]. See
	// [LimitError].
	ErrValueTooLarge = errors.New("value too large")
	// ErrRecordTooLarge: a record would be larger than [Config.MaxRecord], even
	// without its tombstones. See [LimitError].
	ErrRecordTooLarge = errors.New("record too large")
	// ErrTooManyRecords: there are [Config.MaxRecords] records. See [LimitError].
	ErrTooManyRecords = errors.New("too many records")

	// ErrGap: a delta begins above what we hold, or in a life that we do not
	// know of yet. Anti-entropy repairs it. [Store.Merge] returns this very
	// value.
	ErrGap = errors.New("store: delta begins above what is held")
	// ErrMalformed: bytes that are no delta or digest, or contradict
	// themselves.
	ErrMalformed = errors.New("store: malformed")
	// ErrOwnRecord: somebody claims more about our own record than we ever
	// published. See [OwnRecordError].
	ErrOwnRecord = errors.New("store: claim about our own record")
)

// A LimitError says which limit is exceeded, and by what. [errors.Is] finds the
// limit: [ErrKeyTooLong], [ErrValueTooLarge], [ErrRecordTooLarge] or
// [ErrTooManyRecords].
type LimitError struct {
	Err   error          // which limit
	ID    types.NodeId   // whose record
	Key   types.StoreKey // which key, if one; cut off where it is too long
	Size  int            // bytes, or records
	Limit int            // what is allowed
}

// Error names the record, the key, the size and the limit.
func (e *LimitError) Error() string {
	if e.Err == ErrTooManyRecords {
		return fmt.Sprintf("store: %v: %d for %q, limit %d", e.Err, e.Size, e.ID, e.Limit)
	}
	return fmt.Sprintf("store: %v: key %q of %q: %d bytes, limit %d", e.Err, e.Key, e.ID, e.Size, e.Limit)
}

// Unwrap returns the limit.
func (e *LimitError) Unwrap() error { return e.Err }

// An OwnRecordError says what is claimed about our own record: that it reached
// Life and Version, which it did not. Another node runs under our name, or we lost
// our memory of a former run.
type OwnRecordError struct {
	Life    Life
	Version Version
}

// Error prints the claim.
func (e *OwnRecordError) Error() string {
	return fmt.Sprintf("%v: life %v, version %d", ErrOwnRecord, e.Life, e.Version)
}

// Unwrap returns [ErrOwnRecord].
func (e *OwnRecordError) Unwrap() error { return ErrOwnRecord }

// checkEntry compares key and value with the limits.
func (s *Store) checkEntry(id types.NodeId, key types.StoreKey, value []byte) error {
	if len(key) > s.cfg.MaxKey {
		return &LimitError{Err: ErrKeyTooLong, ID: id, Key: key[:s.cfg.MaxKey], Size: len(key), Limit: s.cfg.MaxKey}
	}
	if len(value) > s.cfg.MaxValue {
		return &LimitError{Err: ErrValueTooLarge, ID: id, Key: key, Size: len(value), Limit: s.cfg.MaxValue}
	}
	return nil
}
