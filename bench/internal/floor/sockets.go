package floor

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// A Socket is a bare UDP socket on loopback and a goroutine that answers pings, and
// takes in values.
type Socket struct {
	conn  *net.UDPConn
	group sync.WaitGroup
	acks  atomic.Int64
}

// Open opens one, which encrypts if there is a key.
func Open(key []byte) (*Socket, error) {
	box, err := NewBox(key)
	if err != nil {
		return nil, err
	}
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	s := &Socket{conn: conn}
	s.group.Go(func() { s.serve(box) })
	return s, nil
}

// Addr is where it is.
func (s *Socket) Addr() netip.AddrPort { return s.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// Send sends a packet.
func (s *Socket) Send(b []byte, to netip.AddrPort) error {
	_, err := s.conn.WriteToUDPAddrPort(b, to)
	return err
}

// Acks is how many acks have come.
func (s *Socket) Acks() int64 { return s.acks.Load() }

func (s *Socket) serve(box *Box) {
	in, out := make([]byte, 2048), make([]byte, 0, 256)
	var values Values
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(in)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // of one datagram
		}
		message := box.Open(in[:n])
		if values.Learn(message) {
			_, _ = s.conn.WriteToUDPAddrPort(message[:1], from)
			continue
		}
		answer := box.Answer(out[:0], message)
		if answer == nil {
			s.acks.Add(1)
			continue
		}
		_, _ = s.conn.WriteToUDPAddrPort(answer, from)
	}
}

// Close ends it.
func (s *Socket) Close() {
	_ = s.conn.Close()
	s.group.Wait()
}

// Probe pings each socket's next once every period, with ping as it is on the wire, for as long as d: the least that
// is needed to notice that one of them is gone. Sockets tick one after another, evenly
// over the period, from one goroutine.
func Probe(sockets []*Socket, ping []byte, period, d time.Duration) error {
	step := period / time.Duration(len(sockets))
	tick := time.NewTicker(step)
	defer tick.Stop()
	begin := time.Now()
	sent := 0
	for now := range tick.C {
		if now.Sub(begin) >= d {
			return nil
		}
		// A tick may come late and stand for several.
		for due := int(now.Sub(begin) / step); sent < due; sent++ {
			from, to := sockets[sent%len(sockets)], sockets[(sent+1)%len(sockets)]
			if err := from.Send(ping, to.Addr()); err != nil {
				return err
			}
		}
	}
	return nil
}
