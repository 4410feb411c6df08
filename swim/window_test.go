package swim_test

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/nekton-go/nekton/swim"
)

// marks is a riding state whose rumours are the mark that they begin at.
type marks struct{ *notes }

func (marks) AppendRumour(b []byte, _ string, base uint64, _ int) []byte {
	return binary.BigEndian.AppendUint64(b, base)
}

func TestARumourThatNeverEndsLeavesBehindWhatItHasTold(t *testing.T) {
	s := newSolo(t, func(cfg *swim.Config) { quiet(cfg); cfg.Rider = marks{newNotes("self")} })
	peers := s.meet(30)
	for range 400 {
		s.ackTo(peers[0])
	}
	const sends = 3 // of a generation: GossipNodes, since ⌈log10(32)⌉ is less
	base := func() uint64 {
		m, ok := s.ackTo(peers[0]).has(swim.KindRumour)
		if !ok {
			t.Fatal("an ack without the rumour")
		}
		return binary.BigEndian.Uint64(m.Body)
	}
	// Each change goes out once before the next comes.
	for version := range uint64(50) {
		s.do(func() { s.core.Touch(s.now, "self", version) })
		got := base()
		if got > version || version-got > 2*sends {
			t.Errorf("at version %d the rumour begins at %d", version+1, got)
		}
		if version >= sends && version-got < sends-1 {
			t.Errorf("at version %d the rumour begins at %d: something was sent too seldom", version+1, got)
		}
	}
	// The last one goes out as often as any other news.
	count := 1
	for {
		if _, ok := s.ackTo(peers[0]).has(swim.KindRumour); !ok {
			break
		}
		count++
	}
	if limit := s.core.Stats().RetransmitLimit; count != limit {
		t.Errorf("the last change was sent %d times, the limit is %d", count, limit)
	}
}

// gappy is a riding state that finds a gap before every rumour.
type gappy struct{ *notes }

func (gappy) Merge([]byte) swim.Merged { return swim.Merged{Drop: swim.DropRumourGap} }

func TestAGapThatStaysOpenIsRepairedThoughTablesAreNeverStill(t *testing.T) {
	for _, gap := range []bool{false, true} {
		rider := newNotes("self")
		s := newSolo(t, func(cfg *swim.Config) {
			cfg.ProbeInterval, cfg.PushPullInterval = time.Second, time.Hour
			if cfg.Rider = rider; gap {
				cfg.Rider = gappy{rider}
			}
		})
		peers := s.meet(2)
		var opened time.Duration
		start := s.now
		body := append(binary.BigEndian.AppendUint64(nil, 9), make([]byte, 16)...)
		for s.now-start < 3*time.Second && opened == 0 {
			// Our own table changes all the time.
			base := rider.publish()
			s.do(func() { s.core.Touch(s.now, "self", base) })
			s.hear(peers[0].addr,
				swim.Message{Kind: swim.KindRumour, Body: append(body[:24:24], "m1"...)},
				swim.Message{Kind: swim.KindPing, Seq: 1, Name: []byte("self"), Prints: swim.Prints{Members: 1}, Seen: swim.PrintsGiven})
			for _, d := range s.dials {
				if d.Kind == swim.DialPushPull {
					opened = s.now - start
				}
			}
			s.advanceAnswered(100 * time.Millisecond)
		}
		if gap && (opened < time.Second || opened > 1200*time.Millisecond) || !gap && opened != 0 {
			t.Errorf("gap %v: a push-pull after %v", gap, opened)
		}
	}
}
