package ether

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/nekton-go/nekton/transport"
)

// two are two hosts of a network.
func two(t *testing.T, cfg Config) (n *Network, a, b transport.Transport, hosts [2]*Host) {
	n = New(cfg)
	for i := range hosts {
		hosts[i] = n.Host(i + 1)
	}
	a, err := hosts[0].Nekton(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	b, err = hosts[1].Nekton(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return n, a, b, hosts
}

func TestPacketsTakeTheirTimeAndAreLostAtTheirRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := LAN(1)
		cfg.Loss = 0.25
		n, a, b, hosts := two(t, cfg)
		arrived := make(chan time.Time, 1)
		const packets = 2000
		came := 0
		go func() {
			buf := make([]byte, 16)
			for {
				if _, from, err := b.ReadPacket(buf); err != nil {
					return // down
				} else if from != a.LocalAddr() {
					t.Errorf("from %v", from)
				}
				arrived <- time.Now()
			}
		}()
		for range packets {
			began := time.Now()
			if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(2 * time.Millisecond)
			synctest.Wait()
			select {
			case at := <-arrived:
				came++
				if d := at.Sub(began); d < cfg.Delay[0] || d > cfg.Delay[1] {
					t.Fatalf("a packet took %v", d)
				}
			default:
			}
		}
		if came < 1400 || came > 1600 {
			t.Errorf("%d of %d packets arrived, with a loss of a quarter", came, packets)
		}
		if got := n.Packets.Load(); got != packets {
			t.Errorf("%d packets counted", got)
		}
		for _, h := range hosts {
			h.Down()
		}
	})
}

func TestABlockedHostHangsAndGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, hosts := two(t, LAN(1))
		hosts[1].Block()
		began := time.Now()
		if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(5*time.Second, hosts[1].Unblock)
		if _, _, err := b.ReadPacket(make([]byte, 16)); err != nil || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		hosts[0].Block()
		time.AfterFunc(time.Second, hosts[0].Unblock)
		began = time.Now()
		if err := a.WritePacket([]byte("x"), b.LocalAddr()); err != nil || time.Since(began) != time.Second {
			t.Errorf("a blocked host sends after %v, %v", time.Since(began), err)
		}
		time.Sleep(time.Second)
	})
}

func TestStreamsCarryBytesBothWaysAndMeetLossAsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := LAN(3)
		cfg.Loss, cfg.LossyStreams = 0.9, true
		n, a, b, hosts := two(t, cfg)
		go func() {
			c, err := b.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			buf := make([]byte, 4)
			if _, err := c.Read(buf); err != nil {
				t.Error(err)
			}
			if _, err := c.Write(buf); err != nil {
				t.Error(err)
			}
		}()
		began := time.Now()
		c, err := a.Dial(t.Context(), b.LocalAddr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.Write([]byte("ping")); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, 4)
		if _, err := c.Read(buf); err != nil || string(buf) != "ping" {
			t.Errorf("%q, %v", buf, err)
		}
		if took := time.Since(began); took < laterTimeout {
			t.Errorf("nothing was lost: %v", took)
		}
		if n.Streams.Load() != 1 || n.StreamBytes.Load() != 8 {
			t.Errorf("%d streams, %d bytes", n.Streams.Load(), n.StreamBytes.Load())
		}
		for _, h := range hosts {
			h.Down()
		}
	})
}

func TestAHostThatIsGoneDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, hosts := two(t, LAN(1))
		hosts[1].Down()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		began := time.Now()
		if _, err := a.Dial(ctx, b.LocalAddr()); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		if _, _, err := b.ReadPacket(nil); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a host that is down reads: %v", err)
		}
		if err := a.WritePacket(nil, netip.MustParseAddrPort("10.9.9.9:1")); err != nil {
			t.Errorf("a packet to nobody: %v", err)
		}
		time.Sleep(time.Second)
	})
}
