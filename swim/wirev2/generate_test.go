package wirev2

import (
	"net/netip"
	"slices"
	"time"

	"github.com/nekton-go/nekton/swim"
	"pgregory.net/rapid"
)

// Generators of everything that a core can ask the codec to write.

var (
	genName  = rapid.SliceOfN(rapid.Byte(), 1, swim.MaxNameLen)
	genID    = rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, swim.MaxClusterLen), toString)
	genBytes = func(least, most int) *rapid.Generator[[]byte] {
		return rapid.Map(rapid.SliceOfN(rapid.Byte(), least, most), orNil)
	}
	genStamp = rapid.Custom(func(t *rapid.T) swim.Stamp {
		return swim.Stamp{
			Life: swim.Life{
				Generation: swim.Generation(rapid.Uint64().Draw(t, "generation")),
				Boot:       swim.Boot(rapid.Uint64().Draw(t, "boot")),
			},
			Incarnation: swim.Incarnation(rapid.Uint32().Draw(t, "incarnation")),
		}
	})
	genPrints = rapid.Custom(func(t *rapid.T) swim.Prints {
		return swim.Prints{Members: rapid.Uint64().Draw(t, "members"), State: rapid.Uint64().Draw(t, "state")}
	})
	genAddr = rapid.Custom(func(t *rapid.T) netip.AddrPort {
		port := rapid.Uint16Min(1).Draw(t, "port")
		n := rapid.SampledFrom([]int{4, 16}).Draw(t, "bytes of the IP")
		ip, _ := netip.AddrFromSlice(rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "ip"))
		return netip.AddrPortFrom(ip.Unmap(), port)
	})
	genKind      = rapid.SampledFrom([]swim.Kind{1, 2, 3, 4, 5, 6, 7, 8, 9})
	genFrameKind = rapid.SampledFrom([]swim.FrameKind{1, 2, 3, 4, 5, 6})
)

var genMessage = rapid.Custom(func(t *rapid.T) swim.Message {
	m := swim.Message{Kind: genKind.Draw(t, "kind")}
	switch m.Kind {
	case swim.KindPing, swim.KindPingReq, swim.KindAck, swim.KindNack, swim.KindLeaveAck:
		m.Seq = swim.SeqNo(rapid.Uint32().Draw(t, "seq"))
	}
	switch m.Kind {
	case swim.KindPing, swim.KindPingReq, swim.KindAlive, swim.KindSuspect, swim.KindDead:
		m.Name = genName.Draw(t, "name")
	}
	switch m.Kind {
	case swim.KindPing:
		m.Seen = rapid.SampledFrom([]swim.PrintsSeen{swim.PrintsAbsent, swim.PrintsGiven}).Draw(t, "seen")
		m.Period = rapid.Uint8Max(swim.NumPeriods).Draw(t, "period")
	case swim.KindAck:
		m.Seen = rapid.SampledFrom([]swim.PrintsSeen{0, 1, 2}).Draw(t, "seen")
	case swim.KindPingReq:
		m.Addr = genAddr.Draw(t, "addr")
		m.WantNack = rapid.Bool().Draw(t, "want nack")
		m.Wait = time.Duration(rapid.Uint16().Draw(t, "wait")) * time.Millisecond
	case swim.KindAlive:
		m.Stamp = genStamp.Draw(t, "stamp")
		m.Addr = genAddr.Draw(t, "addr")
		m.Meta = genBytes(0, swim.MaxMetaLen).Draw(t, "meta")
	case swim.KindSuspect, swim.KindDead:
		m.Stamp = genStamp.Draw(t, "stamp")
		m.From = genName.Draw(t, "from")
		if rapid.Bool().Draw(t, "from itself") {
			m.From = slices.Clone(m.Name)
		}
	case swim.KindRumour:
		m.Body = rapid.SliceOfN(rapid.Byte(), 1, 2000).Draw(t, "body")
	}
	if m.Seen == swim.PrintsGiven {
		m.Prints = genPrints.Draw(t, "prints")
	}
	return m
})

func genClaim(states ...swim.State) *rapid.Generator[swim.Claim] {
	return rapid.Custom(func(t *rapid.T) swim.Claim {
		c := swim.Claim{
			State: rapid.SampledFrom(states).Draw(t, "state"),
			Name:  string(genName.Draw(t, "name")),
			Addr:  genAddr.Draw(t, "addr"),
			Stamp: genStamp.Draw(t, "stamp"),
			Meta:  genBytes(0, swim.MaxMetaLen).Draw(t, "meta"),
		}
		if c.State == swim.Suspect || c.State == swim.Dead {
			c.From = string(genName.Draw(t, "from"))
		}
		return c
	})
}

var (
	genSelf   = genClaim(swim.Alive, swim.Left)
	genRecord = genClaim(swim.Alive, swim.Suspect, swim.Dead, swim.Left)
	genRow    = rapid.Custom(func(t *rapid.T) swim.Row {
		return swim.Row{
			Name:   string(genName.Draw(t, "name")),
			Stamp:  genStamp.Draw(t, "stamp"),
			Digest: genBytes(0, swim.MaxDigestLen).Draw(t, "digest"),
		}
	})
	genWant = rapid.Custom(func(t *rapid.T) swim.Want {
		return swim.Want{Name: string(genName.Draw(t, "name")), Digest: genBytes(0, swim.MaxDigestLen).Draw(t, "digest")}
	})
)

var genFrame = rapid.Custom(func(t *rapid.T) swim.Frame {
	f := swim.Frame{Kind: genFrameKind.Draw(t, "kind")}
	switch f.Kind {
	case swim.FrameOpen:
		f.ClusterID = genID.Draw(t, "cluster id")
		f.Version = genID.Draw(t, "version")
		f.Join = rapid.Bool().Draw(t, "join")
		f.Self = genSelf.Draw(t, "self")
		f.Prints = genPrints.Draw(t, "prints")
		n := rapid.SampledFrom([]int{0, 1, 2, 4, 16, 64}).Draw(t, "number of buckets")
		f.Buckets = orNil(rapid.SliceOfN(rapid.Uint64(), n, n).Draw(t, "buckets"))
	case swim.FrameDigest:
		f.Self = genSelf.Draw(t, "self")
		f.Prints = genPrints.Draw(t, "prints")
		differ := rapid.SliceOfNDistinct(rapid.Uint32Max(maxBuckets-1), 0, 20, rapid.ID).Draw(t, "differ")
		slices.Sort(differ)
		f.Differ = orNil(differ)
		f.Rows = orNil(rapid.SliceOfN(genRow, 0, 5).Draw(t, "rows"))
		f.Claims = orNil(rapid.SliceOfN(genRecord, 0, 2).Draw(t, "claims"))
	case swim.FrameDelta:
		f.Self = genSelf.Draw(t, "self")
		f.Claims = orNil(rapid.SliceOfN(genRecord, 0, 4).Draw(t, "claims"))
		f.Deltas = orNil(rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 1, 300), 0, 4).Draw(t, "deltas"))
		f.Wants = orNil(rapid.SliceOfN(genWant, 0, 4).Draw(t, "wants"))
	case swim.FrameRefuse:
		f.Refusal = swim.Refusal{
			Reason: swim.RefusalReason(rapid.Uint8Min(1).Draw(t, "reason")),
			Ours:   genID.Draw(t, "ours"),
			Theirs: genID.Draw(t, "theirs"),
			Name:   genID.Draw(t, "name"),
		}
	case swim.FramePing:
		f.ClusterID = genID.Draw(t, "cluster id")
		f.Seq = swim.SeqNo(rapid.Uint32().Draw(t, "seq"))
		f.Name = string(genName.Draw(t, "name"))
	case swim.FrameAck:
		f.Seq = swim.SeqNo(rapid.Uint32().Draw(t, "seq"))
	}
	return f
})

// orNil is a list as a parser returns it: an empty one is nil.
func orNil[E any](s []E) []E {
	if len(s) == 0 {
		return nil
	}
	return s
}

func toString(b []byte) string { return string(b) }
