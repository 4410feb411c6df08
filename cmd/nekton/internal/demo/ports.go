package demo

import (
	"context"
	"net"
	"time"
)

// isFree returns nil when both protocols can be listened to on addr. It asks
// again for a second, since anybody on this machine may borrow the port for a
// moment.
func isFree(ctx context.Context, addr string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		err := listenOnce(ctx, addr)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-ticker.C:
		}
	}
}

func listenOnce(ctx context.Context, addr string) error {
	var lc net.ListenConfig
	udp, err := lc.ListenPacket(ctx, "udp", addr)
	if err != nil {
		return err
	}
	defer udp.Close()
	tcp, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return tcp.Close()
}
