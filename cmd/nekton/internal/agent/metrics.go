package agent

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/nekton-go/nekton"
	"github.com/nekton-go/nekton/metrics"
)

// headerTimeout is how long a client may take to send its request.
const headerTimeout = 5 * time.Second

// A metricsServer serves /metrics. The nil server serves nothing, and never fails.
type metricsServer struct {
	addr string
	http *http.Server
	err  chan error
}

// serveMetrics serves the metrics of node, and of the Go runtime, on addr. It is
// nil if addr is empty.
func serveMetrics(ctx context.Context, addr string, node *nekton.Node) (*metricsServer, error) {
	if addr == "" {
		return nil, nil
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.New(node, nil), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	s := &metricsServer{
		addr: listener.Addr().String(),
		http: &http.Server{Handler: mux, ReadHeaderTimeout: headerTimeout},
		err:  make(chan error, 1),
	}
	go func() { s.err <- s.http.Serve(listener) }()
	return s, nil
}

// failed yields the error with which the server ended by itself.
func (s *metricsServer) failed() <-chan error {
	if s == nil {
		return nil
	}
	return s.err
}

// close ends the server.
func (s *metricsServer) close() {
	if s == nil {
		return
	}
	// What it says concerns connections of scrapers, whose scrape is over anyway.
	_ = s.http.Close()
}
