package transport

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
)

// A message of a [types.MessageChannel] is a JSON text after its length:
//
//	 0                   4
//	+-------------------+------------------------+
//	| length, big end.  | JSON text, length bytes|
//	+-------------------+------------------------+
const messageHeader = 4

// DefaultMaxMessage bounds the JSON text of one message in bytes, in either
// direction.
const DefaultMaxMessage = 20 << 20

// A MessageTooLargeError is a message whose length, as announced or as about to
// be sent, exceeds the limit. Nothing was allocated or sent for it. After an
// announced one the connection is closed, since the rest of it would have to be
// read to find the next.
type MessageTooLargeError struct {
	Limit, Size int64 // bytes of JSON text
}

func (e *MessageTooLargeError) Error() string {
	return fmt.Sprintf("transport: message of %d bytes, the limit is %d", e.Size, e.Limit)
}

// appendMessage appends the whole message of obj to b.
func appendMessage(b []byte, obj any, limit int64) ([]byte, error) {
	text, err := json.Marshal(obj)
	if err != nil {
		return b, fmt.Errorf("transport: encode a message: %w", err)
	}
	if int64(len(text)) > limit {
		return b, &MessageTooLargeError{Limit: limit, Size: int64(len(text))}
	}
	b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
	return append(b, text...), nil
}

// readMessage reads the JSON text of one message into buf, which grows as bytes
// arrive. The error is [io.EOF] if the stream ended between messages.
func readMessage(r io.Reader, buf []byte, limit int64) ([]byte, error) {
	var header [messageHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return buf, readError("a message", err)
	}
	size := int64(binary.BigEndian.Uint32(header[:]))
	if size > limit {
		return buf, &MessageTooLargeError{Limit: limit, Size: size}
	}
	buf, err := readGrowing(r, buf, int(size))
	if err != nil {
		return buf, readError("a message", err)
	}
	return buf, nil
}
