package nekton

import (
	"fmt"
	"slices"
	"time"

	"github.com/nekton-go/nekton/store"
	"github.com/nekton-go/nekton/types"
)

// UpdateSelf sets one key of the own StoreMap, and spreads the change. A value that
// cannot be taken is logged and counted, and nothing has changed; [Node.SetSelf]
// says so.
func (n *Node) UpdateSelf(key types.StoreKey, value interface{}) {
	_ = n.SetSelf(key, value) // logged and counted there
}

// SetSelf sets one key of the own StoreMap, and spreads the change. The value is
// encoded during the call, and must not be changed meanwhile; afterwards it is the
// caller's again. Any key will do, also ""; any value, also nil. How Go types
// travel is written at [store.Registry.Encode]; see [WithType] for structs. On
// memberlist's wire they travel as gob: Go's basic types and slices of them by
// themselves, all others when gob.Register has been told of them in every program. A
// program that meets a type that it has not registered cannot read what the whole
// push-pull brought, see [Stats].LostStates.
//
// Errors: a *[LimitError] when key, value or the whole map is too large; an
// *[UnencodableError], a [*store.PanicError] or [store.ErrTooDeep] when the value
// has no encoding. Nothing has changed then, and the refusal is counted.
func (n *Node) SetSelf(key types.StoreKey, value any) error {
	b, err := n.encode(n.id, key, value)
	if err == nil {
		n.input(func(now time.Duration) { err = n.core.SetValue(now, key, b) })
	}
	if err != nil {
		n.refuse(n.id, key, err)
		return fmt.Errorf("nekton: set %q: %w", clip(key), err)
	}
	return nil
}

// DeleteSelf removes one key from the own StoreMap, and lets the others forget it.
// It reports whether the key was there.
func (n *Node) DeleteSelf(key types.StoreKey) (existed bool) {
	n.input(func(now time.Duration) { existed = n.core.DeleteValue(now, key) })
	return existed
}

// Undecodable stands for a value that this node cannot decode, mostly because its
// type is not registered here. The node that publishes it is not affected, nor are
// its other values.
type Undecodable struct {
	Err   error
	Bytes []byte // the encoded value
}

// String says why.
func (u Undecodable) String() string { return fmt.Sprintf("undecodable value: %v", u.Err) }

// Value returns what one known node, which may be n itself, publishes under a key,
// as a T. Errors: an *[UnknownNodeError]; [ErrNoValue]; a *[TypeError] when the
// value has another type; what decoding it returned.
func Value[T any](n *Node, id types.NodeId, key types.StoreKey) (T, error) {
	var zero T
	n.mu.Lock()
	b, ok, err := n.core.ValueOf(n.inner(id), key)
	n.mu.Unlock()
	if err == nil && !ok {
		err = ErrNoValue
	}
	if err != nil {
		return zero, fmt.Errorf("nekton: value %q of node %q: %w", clip(key), id, err)
	}
	return as[T](id, key, n.decode(id, key, b))
}

// Values returns what known nodes publish under a key, as Ts. Nodes that do not
// publish the key, or publish a value of another type, are left out. It is never
// nil.
func Values[T any](n *Node, key types.StoreKey) map[types.NodeId]T {
	values := map[types.NodeId]T{}
	n.mu.Lock()
	found := n.core.ValuesOf(key)
	n.mu.Unlock()
	for _, v := range found {
		if !v.Has {
			continue
		}
		id := n.outer(v.Info.Id)
		if value, err := as[T](id, key, n.decode(id, key, v.Value)); err == nil {
			values[id] = value
		}
	}
	return values
}

// as is value as a T. A nil value is the zero value of types that have nil.
func as[T any](id types.NodeId, key types.StoreKey, value any) (T, error) {
	if v, ok := value.(T); ok {
		return v, nil
	}
	var zero T
	if u, ok := value.(Undecodable); ok {
		return zero, fmt.Errorf("nekton: value %q of node %q: %w", clip(key), id, u.Err)
	}
	if value == nil {
		if _, isAny := any(&zero).(*any); isAny {
			return zero, nil
		}
	}
	return zero, &TypeError{Node: id, Key: clip(key), Want: fmt.Sprintf("%T", zero), Got: fmt.Sprintf("%T", value)}
}

// A valueCoding turns values into the bytes that the store keeps, and back. On
// nekton's wire these bytes travel; on memberlist's, values have to be what gob takes.
type valueCoding interface {
	Encode(v any) ([]byte, error)
	Decode(b []byte) (any, error)
}

// encode turns a value into bytes, within the limits.
func (n *Node) encode(id types.NodeId, key types.StoreKey, value any) ([]byte, error) {
	if len(key) > n.opts.limits.Key {
		return nil, &LimitError{Err: store.ErrKeyTooLong, ID: id, Key: clip(key), Size: len(key), Limit: n.opts.limits.Key}
	}
	b, err := n.coding.Encode(value)
	if err == nil && len(b) > n.opts.limits.Value {
		err = &LimitError{Err: store.ErrValueTooLarge, ID: id, Key: key, Size: len(b), Limit: n.opts.limits.Value}
	}
	return b, err
}

// decode turns bytes into a value of the caller's own.
func (n *Node) decode(id types.NodeId, key types.StoreKey, b []byte) any {
	value, err := n.coding.Decode(b)
	if err != nil {
		n.counts.undecodable.Add(1)
		n.log.warn("cannot decode a value", string(id), "peer", id, "key", key, "error", err)
		return Undecodable{Err: err, Bytes: slices.Clone(b)}
	}
	return value
}

// refuse counts and logs a value or entry that was not taken.
func (n *Node) refuse(id types.NodeId, key types.StoreKey, err error) {
	n.counts.refused.Add(1)
	n.log.warn("value refused", string(id)+"/"+string(clip(key)), "peer", id, "key", clip(key), "error", err)
}

// clip shortens a key that may be of any length, for messages.
func clip(key types.StoreKey) types.StoreKey { return key[:min(len(key), store.DefaultMaxKey)] }
