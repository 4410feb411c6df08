package transport

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"sync"
	"time"
)

// checkTarget refuses what no message can be decoded into, before one is taken
// from the stream and lost.
func checkTarget(obj any) error {
	if v := reflect.ValueOf(obj); v.Kind() != reflect.Pointer || v.IsNil() {
		return fmt.Errorf("transport: receive a message: %w", &json.InvalidUnmarshalError{Type: reflect.TypeOf(obj)})
	}
	return nil
}

// A messageConn is one connection that carries messages. Sending and receiving
// have a lock each, so that the two directions do not wait for one another.
// close is the only method that may be called while another one waits.
type messageConn struct {
	conn    net.Conn
	limit   int64         // bytes of JSON text in one message
	timeout time.Duration // for each message; zero is none

	sending sync.Mutex

	receiving sync.Mutex
	in        *bufio.Reader // guarded by receiving
	buf       []byte        // guarded by receiving
}

// keepBuffer is the largest receive buffer in bytes that a connection keeps
// between messages.
const keepBuffer = 64 << 10

func newMessageConn(conn net.Conn, limit int64, timeout time.Duration) *messageConn {
	return &messageConn{conn: conn, limit: limit, timeout: timeout, in: bufio.NewReader(conn)}
}

// send sends one message. broken says that the connection cannot be used any
// more: nobody knows how much of the message has left.
func (m *messageConn) send(obj any) (broken bool, err error) {
	message, err := appendMessage(nil, obj, m.limit)
	if err != nil {
		return false, err
	}
	m.sending.Lock()
	defer m.sending.Unlock()
	if err := m.conn.SetWriteDeadline(deadlineAfter(m.timeout)); err != nil {
		return true, fmt.Errorf("transport: send a message: %w", err)
	}
	if _, err := m.conn.Write(message); err != nil {
		return true, fmt.Errorf("transport: send a message of %d bytes: %w", len(message)-messageHeader, err)
	}
	return false, nil
}

// receive receives one message into obj. broken says that the connection cannot
// be used any more. It can if the time was over before a message began, or if
// the message does not fit obj: the next one can be received.
func (m *messageConn) receive(obj any) (broken bool, err error) {
	if err := checkTarget(obj); err != nil {
		return false, err
	}
	m.receiving.Lock()
	defer m.receiving.Unlock()
	if err := m.conn.SetReadDeadline(deadlineAfter(m.timeout)); err != nil {
		return true, fmt.Errorf("transport: receive a message: %w", err)
	}
	if _, err := m.in.Peek(1); err != nil {
		return !errors.Is(err, os.ErrDeadlineExceeded), readError("a message", err)
	}
	text, err := readMessage(m.in, m.buf, m.limit)
	if cap(text) <= keepBuffer {
		m.buf = text
	}
	if err != nil {
		if err == io.EOF { // not between messages: a first byte was there
			err = readError("a message", io.ErrUnexpectedEOF)
		}
		return true, err
	}
	if err := json.Unmarshal(text, obj); err != nil {
		return false, fmt.Errorf("transport: decode a message of %d bytes: %w", len(text), err)
	}
	return false, nil
}

func (m *messageConn) close() { _ = m.conn.Close() }

// deadlineAfter is the deadline for something that starts now.
func deadlineAfter(timeout time.Duration) time.Time {
	if timeout == 0 {
		return time.Time{}
	}
	return time.Now().Add(timeout)
}
