package wirev2

import (
	"math"

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
	b = append(appendArray(b, 5), byte(swim.FrameRefuse))
	b = appendUint(b, uint64(f.Refusal.Reason))
	b = appendStr(b, f.Refusal.Ours)
	b = appendStr(b, f.Refusal.Theirs)
	return appendStr(b, f.Refusal.Name)
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
	b = append(appendArray(b, 4), byte(swim.FramePing))
	b = appendStr(b, f.ClusterID)
	b = appendUint(b, uint64(f.Seq))
	return appendStr(b, f.Name)
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
	return appendUint(append(appendArray(b, 2), byte(swim.FrameAck)), uint64(f.Seq))
}

// parseStreamAck reads the answer.
func parseStreamAck(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameAck
	f.Seq = r.seqNo()
}
