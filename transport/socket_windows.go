package transport

import (
	"errors"
	"syscall"
)

// wsaMsgSize is WSAEMSGSIZE: a datagram was longer than the buffer.
const wsaMsgSize syscall.Errno = 10040

// isTooLong reports whether the system says of a datagram that it was cut short.
func isTooLong(err error) bool { return errors.Is(err, wsaMsgSize) }
