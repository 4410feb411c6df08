package transport

import (
	"errors"
	"fmt"
	"math"
	"time"
)

const (
	// DefaultIOTimeout bounds each send and receive of a dialling message
	// channel, opening the connection included.
	DefaultIOTimeout = 10 * time.Second
	// DefaultMaxPeers is how many peers a listening message channel serves at a
	// time.
	DefaultMaxPeers = 256
	// NoTimeout as a [MessageConfig.IOTimeout] means to wait as long as it takes.
	NoTimeout time.Duration = -1
)

// MessageConfig bounds a message channel. The zero value has all defaults.
type MessageConfig struct {
	// MaxMessage bounds the JSON text of one message in bytes, in either
	// direction. Default [DefaultMaxMessage], at most 2 GiB − 1.
	MaxMessage int64
	// IOTimeout bounds each SendData and RcvData of a dialling channel. Default
	// [DefaultIOTimeout]; [NoTimeout] waits for ever. A listening channel gets its
	// deadline with RunOnRcvData instead.
	IOTimeout time.Duration
	// MaxPeers is how many peers a listening channel serves at a time; the
	// connections of further ones are closed at once. Default [DefaultMaxPeers].
	MaxPeers int
	// Resolver looks up host names. Default [net.DefaultResolver].
	Resolver Resolver
	// OnPeerError, if it is not nil, is told what befell a peer of a listening
	// channel: *[HandlerPanicError], or [ErrTooManyPeers]. It has to be safe
	// for concurrent use and to return soon: the second is reported by the
	// goroutine that accepts peers.
	OnPeerError func(peerid string, err error)
}

func (c MessageConfig) withDefaults() MessageConfig {
	if c.MaxMessage == 0 {
		c.MaxMessage = DefaultMaxMessage
	}
	switch c.IOTimeout {
	case 0:
		c.IOTimeout = DefaultIOTimeout
	case NoTimeout:
		c.IOTimeout = 0
	}
	if c.MaxPeers == 0 {
		c.MaxPeers = DefaultMaxPeers
	}
	return c
}

func (c MessageConfig) validate() error {
	var errs []error
	if c.MaxMessage < 0 || c.MaxMessage > math.MaxInt32 {
		errs = append(errs, fmt.Errorf("transport: MessageConfig.MaxMessage is %d, must be from 0 to %d bytes", c.MaxMessage, math.MaxInt32))
	}
	if c.IOTimeout < 0 && c.IOTimeout != NoTimeout {
		errs = append(errs, fmt.Errorf("transport: MessageConfig.IOTimeout is %v, must not be negative", c.IOTimeout))
	}
	if c.MaxPeers < 0 {
		errs = append(errs, fmt.Errorf("transport: MessageConfig.MaxPeers is %d, must not be negative", c.MaxPeers))
	}
	return errors.Join(errs...)
}
