package wirev1

import (
	"github.com/nekton-go/nekton/internal/mpack"
	"github.com/nekton-go/nekton/swim"
)

// The short messages of streams: errors, and messages of applications.

// The order of the fields in memberlist's structs, for those who write arrays.
var (
	errorOrder = [...]field{fieldError}
	userOrder  = [...]field{fieldUserMsgLen}
)

// appendError appends why the stream of the peer could not be read:
//
//	0d │ map │ Error
func appendError(b []byte, f *swim.Frame) []byte {
	b = append(b, typeError, mpack.FixMap|1)
	return appendText(append(b, "\xa5Error"...), f.Text)
}

// parseError reads such an answer. It is for a person to read; what is beyond
// maxErrorLen is left out.
func parseError(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameError
	for r.begin(); r.left > 0; {
		if r.next(errorOrder[:]) == fieldError {
			text := r.bytes()
			f.Text = string(text[:min(len(text), maxErrorLen)])
		} else {
			r.skip()
		}
	}
}

// maxErrorLen is how much of a peer's complaint is kept. Those of memberlist have less
// than a hundred bytes.
const maxErrorLen = 1024

// appendUser appends a message of an application:
//
//	08 │ map │ UserMsgLen │ the bytes
func appendUser(b []byte, f *swim.Frame) []byte {
	b = append(b, typeUser, mpack.FixMap|1)
	b = appendInt(append(b, "\xaaUserMsgLen"...), len(f.State))
	return append(b, f.State...)
}

// parseUser reads a message of an application.
func parseUser(r *reader, f *swim.Frame) {
	f.Kind = swim.FrameUser
	f.State = r.rest(fieldUserMsgLen, parseUserLen(r))
}

// parseUserLen reads the head of a message of an application.
func parseUserLen(r *reader) (n int) {
	for r.begin(); r.left > 0; {
		if r.next(userOrder[:]) == fieldUserMsgLen {
			n = r.count(MaxUserLen)
		} else {
			r.skip()
		}
	}
	return n
}
