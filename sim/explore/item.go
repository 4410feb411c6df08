package explore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/nekton-go/nekton/swim"
)

// itemKind tells apart what can be on its way.
type itemKind uint8

const (
	itemPacket itemKind = iota
	itemDial            // a stream that from wants opened to to
	itemFrame           // the one frame that is on its way on a stream
	itemReset           // the news, for to, that its stream is torn
)

// An item is something on its way. Items are equal when nothing can tell them apart.
type item struct {
	kind     itemKind
	from, to int8 // nodes; from is nobody at the end of a stream that is gone
	// fromEnd and toEnd are how the two ends of a stream call their exchange.
	fromEnd, toEnd swim.ExchangeID
	dial           swim.Dial
	bytes          string
}

const nobody int8 = -1

// itemID addresses an interned item.
type itemID uint32

// itemInfo is an item and what is known of it. rank orders items by content, so that
// the order is the same in every exploration.
type itemInfo struct {
	item
	rank  [2]uint64
	facts []fact
}

// A fact is one message of a packet, or one claim of a frame, as far as invariants
// speak of it.
type fact struct {
	kind  swim.Kind
	about int // node; -1: none of ours
	stamp swim.Stamp
	left  bool // the member says so itself: that it left
	seq   swim.SeqNo
}

func (m *machine) internItem(it item) itemID {
	if id, ok := m.itemIDs[it]; ok {
		return id
	}
	id := itemID(len(m.items))
	h := sha256.Sum256(fmt.Appendf(nil, "%d %d %d %d %d %v %q", it.kind, it.from, it.to, it.fromEnd, it.toEnd, it.dial, it.bytes))
	m.items = append(m.items, itemInfo{
		item: it, facts: m.facts(it),
		rank: [2]uint64{binary.BigEndian.Uint64(h[:]), binary.BigEndian.Uint64(h[8:])},
	})
	m.itemIDs[it] = id
	return id
}

// facts reads what an item says.
func (m *machine) facts(it item) []fact {
	switch it.kind {
	case itemPacket:
		var all []fact
		m.eachMessage(it.bytes, func(msg *swim.Message) {
			about, ok := nodeOf(string(msg.Name))
			if !ok {
				about = -1
			}
			left := msg.Kind == swim.KindDead && string(msg.From) == string(msg.Name)
			all = append(all, fact{kind: msg.Kind, about: about, stamp: msg.Stamp, left: left, seq: msg.Seq})
		})
		return all
	case itemFrame:
		f, err := m.codec.ParseFrame([]byte(it.bytes))
		if err != nil {
			return nil
		}
		if f.Kind == swim.FrameAck {
			return []fact{{kind: swim.KindAck, about: -1, seq: f.Seq}}
		}
		var all []fact
		for _, claim := range append([]swim.Claim{f.Self}, f.Claims...) {
			about, ok := nodeOf(claim.Name)
			if !ok {
				continue
			}
			kind := swim.KindAlive
			switch claim.State {
			case swim.Suspect:
				kind = swim.KindSuspect
			case swim.Dead, swim.Left:
				kind = swim.KindDead
			}
			all = append(all, fact{kind: kind, about: about, stamp: claim.Stamp, left: claim.State == swim.Left})
		}
		return all
	}
	return nil
}

// eachMessage parses a packet. The message is valid only during the call.
func (m *machine) eachMessage(packet string, visit func(*swim.Message)) {
	rest, drop := m.codec.OpenPacket([]byte(packet))
	if drop != swim.DropNone {
		return
	}
	for rest.Len() > 0 {
		var msg swim.Message
		next, ok := m.codec.NextMessage(rest, &msg)
		if !ok {
			return
		}
		visit(&msg)
		rest = next
	}
}

// before orders items by content.
func (m *machine) before(a, b itemID) bool {
	x, y := m.items[a].rank, m.items[b].rank
	return x[0] < y[0] || x[0] == y[0] && x[1] < y[1]
}
