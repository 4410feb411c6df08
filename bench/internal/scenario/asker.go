package scenario

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// An asker is a bare UDP socket that pings.
type asker struct {
	conn *net.UDPConn
	buf  []byte
}

func newAsker() (*asker, error) {
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	return &asker{c, make([]byte, 2048)}, nil
}

func (a *asker) addr() netip.AddrPort { return a.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// ask sends packets in turn, and waits for the answer to each.
func (a *asker) ask(rounds int, packets [][]byte, to netip.AddrPort) error {
	if err := a.conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	for i := range rounds {
		if _, err := a.conn.WriteToUDPAddrPort(packets[i%len(packets)], to); err != nil {
			return err
		}
		if _, _, err := a.conn.ReadFromUDPAddrPort(a.buf); err != nil {
			return fmt.Errorf("no answer to packet %d: %w", i, err)
		}
	}
	return nil
}
