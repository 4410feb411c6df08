package wirev2

import (
	"math"

	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The short frames: the refusal that ends a push-pull, and the ping and ack of a
// stream that probes.

// appendRefuse appends why the other side is not accepted:
//
//	95 │ 04 │ reason │ ours │ theirs │ name
//
// The reasons are the numbers of [swim.RefusalReason]. Both values and the name of
// the member that refuses are for a person to read; each may be empty.
func appendRefuse(b []byte, f *swim.Frame) []byte {
	b = append(mpack.AppendArray(b, 5), byte(swim.FrameRefuse))
	b = mpack.AppendUint(b, uint64(f.Refusal.Reason))
	b = mpack.AppendStr(b, f.Refusal.Ours)
	b = mpack.AppendStr(b, f.Refusal.Theirs)
	return mpack.AppendStr(b, f.Refusal.Name)
}

// parseRefuse reads a refusal. A reason that this version does not know is a
// refusal all the same.
func parseRefuse(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameRefuse
	reason := r.uint("reason", math.MaxUint8)
	if reason == 0 {
		r.fail("reason", faultReason)
	}
	f.Refusal.Reason = swim.RefusalReason(reason)
	f.Refusal.Ours = r.id("ours")
	f.Refusal.Theirs = r.id("theirs")
	f.Refusal.Name = string(r.bytes("name", 0, swim.MaxNameLen))
}

// appendStreamPing appends a direct probe on a stream. It tells the cluster id
// itself, as a stream has no header with a hash:
//
//	94 │ 05 │ cluster id │ seq │ name
func appendStreamPing(b []byte, f *swim.Frame) []byte {
	b = append(mpack.AppendArray(b, 4), byte(swim.FramePing))
	b = mpack.AppendStr(b, f.ClusterID)
	b = mpack.AppendUint(b, uint64(f.Seq))
	return mpack.AppendStr(b, f.Name)
}

// parseStreamPing reads a direct probe.
func parseStreamPing(r *reader, f *swim.Frame) {
	f.Kind = swim.FramePing
	f.ClusterID = r.id("cluster id")
	f.Seq = r.seqNo()
	f.Name = string(r.name("name"))
}

// appendStreamAck appends the answer:
//
//	92 │ 06 │ seq
func appendStreamAck(b []byte, f *swim.Frame) []byte {
	return mpack.AppendUint(append(mpack.AppendArray(b, 2), byte(swim.FrameAck)), uint64(f.Seq))
}

// parseStreamAck reads the answer.
func parseStreamAck(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameAck
	f.Seq = r.seqNo()
}
