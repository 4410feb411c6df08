package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/types"
)

// Run runs one node until ctx ends, and prints what happens to out.
func Run(ctx context.Context, cfg Config, out io.Writer, log *slog.Logger) error {
	protocol := nekton.Protocol{HealInterval: cfg.HealInterval}
	if cfg.HealInterval == 0 {
		protocol.HealInterval = nekton.Off
	}
	opts := []nekton.Option{nekton.WithLogger(log), nekton.WithProtocol(protocol)}
	if cfg.Advertise != "" {
		opts = append(opts, nekton.WithAdvertise(cfg.Advertise))
	}
	opts = append(opts, cfg.wireOptions()...)
	a := &agent{
		cfg: cfg, printer: printer{w: out},
		node: nekton.NewNode(cfg.Bind, cfg.ID, cfg.Generation, cfg.Intervals, cfg.Version, cfg.Cluster, cfg.Domain, opts...),
	}
	return a.run(ctx)
}

type agent struct {
	cfg     Config
	node    *nekton.Node
	printer printer
}

func (a *agent) run(ctx context.Context) error {
	for _, key := range slices.Sorted(maps.Keys(a.cfg.Values)) {
		if err := a.node.SetSelf(key, a.cfg.Values[key]); err != nil {
			return err
		}
	}
	if len(a.cfg.Members) > 0 {
		a.node.UpdateCluster(a.cfg.Members)
	}

	// Subscribed before Start, so that nothing is missed, and until after Stop.
	subscribed, unsubscribe := context.WithCancel(context.WithoutCancel(ctx))
	events := a.node.Subscribe(subscribed)
	var work errgroup.Group
	work.Go(func() error {
		for e := range events {
			a.handle(e)
		}
		return nil
	})
	err := a.live(ctx)
	unsubscribe()
	_ = work.Wait() // it returns nil
	return err
}

// live starts the node, waits for ctx to end, and stops the node. Whatever the
// outcome, the node is stopped when it returns.
func (a *agent) live(ctx context.Context) error {
	server, err := serveMetrics(ctx, a.cfg.Metrics, a.node)
	if err != nil {
		return err
	}
	defer server.close()
	if server != nil {
		a.printer.printf("metrics are served on http://%s/metrics", server.addr)
	}

	if err := a.start(ctx); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err := <-server.failed():
		a.node.Stop(0)
		return fmt.Errorf("metrics: %w", err)
	}
	a.printer.printf("leaving, at most %v", a.cfg.LeaveTimeout)
	peers := len(a.node.KnownAddresses())
	if err := a.node.Stop(a.cfg.LeaveTimeout); err != nil {
		return fmt.Errorf("leave: %w", err)
	}
	switch {
	case a.cfg.LeaveTimeout == 0:
		a.printer.printf("stopped without a word")
	case peers == 0:
		a.printer.printf("left, with nobody to tell")
	case a.cfg.MemberlistWire || a.cfg.Version != types.GOSSIP_VERSION_2:
		a.printer.printf("left, and said so as often as any news") // nobody acknowledges there
	default:
		a.printer.printf("left, acknowledged")
	}
	return nil
}

// start joins. That no seed answers is no error: the node goes on trying. That one
// refuses is.
func (a *agent) start(ctx context.Context) error {
	err := a.node.StartContext(ctx, a.cfg.startConfig())
	var join *nekton.JoinError
	var refused *nekton.RefusedError
	switch {
	case err == nil:
	case errors.As(err, &refused), !errors.As(err, &join):
		// There may be a node to stop, or none.
		if stopErr := a.node.Stop(0); stopErr != nil && !errors.Is(stopErr, nekton.ErrNotStarted) {
			return errors.Join(err, stopErr)
		}
		return err
	default:
		a.printer.printf("no seed answers yet: %v", join)
	}
	a.printer.printf("%s of cluster %q %s (generation %d, version %s)", a.cfg.ID, a.cfg.Cluster, a.place(), a.cfg.Generation, a.cfg.Version)
	return nil
}

// place says where the node is reached.
func (a *agent) place() string {
	if addr := a.node.Addr(); addr != "" {
		return "listens on " + addr
	}
	return fmt.Sprintf("waits for its domain %q to become active", a.cfg.Domain)
}

// handle prints one event. Without configured members it also makes everyone known
// who joins, so that their status and values are seen.
func (a *agent) handle(e nekton.Event) {
	if store, ok := e.(nekton.StoreEvent); ok {
		a.values(e.When(), store.Node)
		return
	}
	a.printer.at(e.When(), "%s", e)
	if m, ok := e.(nekton.MemberEvent); ok && m.Change == nekton.MemberJoined && len(a.cfg.Members) == 0 {
		if _, err := a.node.GetLocalNodeInfo(m.Node); err != nil {
			a.node.AddNode(m.Node, types.NODE_STATUS_DOWN, false, "") // UP at once, if it is
			a.values(e.When(), m.Node)                                // which may have come before
		}
	}
}

// values prints what a node publishes, if anything is known of it.
func (a *agent) values(at time.Time, id types.NodeId) {
	if info, err := a.node.GetLocalNodeInfo(id); err == nil && len(info.Value) > 0 {
		a.printer.at(at, "values of %s: %s", id, describe(info.Value))
	}
}

// describe prints values in the order of their keys.
func describe(values types.StoreMap) string {
	var words []string
	for _, key := range slices.Sorted(maps.Keys(values)) {
		words = append(words, fmt.Sprintf("%s=%v", key, values[key]))
	}
	return strings.Join(words, " ")
}
