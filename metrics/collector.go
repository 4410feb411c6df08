package metrics

import (
	"maps"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/nekton-go/nekton"
)

// A Source is what is measured: a *nekton.Node.
type Source interface {
	// Stats returns a snapshot; it is called once for each scrape, and may be
	// called concurrently.
	Stats() nekton.Stats
}

// A Collector is the metrics of one node, to be registered with a
// prometheus.Registerer.
type Collector struct {
	source  Source
	metrics []metric
}

var _ prometheus.Collector = (*Collector)(nil)

// New returns the metrics of one node. The labels, which may be nil, are added to
// each of them, beside node, which is the node's id unless labels says otherwise.
// The collector keeps reading from source, also before its Start and after its Stop.
func New(source Source, labels prometheus.Labels) *Collector {
	constant := prometheus.Labels{"node": string(source.Stats().Node)}
	maps.Copy(constant, labels)
	c := &Collector{source: source}
	for _, group := range [][]family{nodeFamilies(), probeFamilies(), memberFamilies(), trafficFamilies(), pushPullFamilies(), storeFamilies()} {
		for _, f := range group {
			c.metrics = append(c.metrics, metric{
				family: f,
				desc:   prometheus.NewDesc("nekton_"+f.name, f.help, f.labels, constant),
			})
		}
	}
	return c
}

// Describe sends the description of each metric.
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range c.metrics {
		ch <- m.desc
	}
}

// Collect reads one snapshot and sends every sample of it.
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	s := c.source.Stats()
	for _, m := range c.metrics {
		if m.histogram != nil {
			ch <- constHistogram(m.desc, m.histogram(&s))
			continue
		}
		m.read(&s, func(value float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, value, labels...)
		})
	}
}

// A metric is a family of one node.
type metric struct {
	family
	desc *prometheus.Desc
}

// A family is one metric as a table row: what it is called, what it means, and how
// it is read from a snapshot.
type family struct {
	name   string // without nekton_
	help   string
	kind   prometheus.ValueType
	labels []string
	// read emits each sample, with as many label values as there are labels.
	read func(s *nekton.Stats, emit emit)
	// histogram is set instead of read for histograms.
	histogram func(s *nekton.Stats) nekton.Histogram
}

type emit func(value float64, labels ...string)

// gauge is a row with one sample that goes up and down.
func gauge[T number](name, help string, read func(*nekton.Stats) T) family {
	return single(name, help, prometheus.GaugeValue, read)
}

// counter is a row with one sample that only goes up.
func counter[T number](name, help string, read func(*nekton.Stats) T) family {
	return single(name, help, prometheus.CounterValue, read)
}

type number interface {
	~int | ~int64 | ~uint64 | ~float64
}

func single[T number](name, help string, kind prometheus.ValueType, read func(*nekton.Stats) T) family {
	return family{name: name, help: help, kind: kind, read: func(s *nekton.Stats, emit emit) { emit(float64(read(s))) }}
}

// switched is a gauge of 0 or 1.
func switched(name, help string, read func(*nekton.Stats) bool) family {
	return gauge(name, help, func(s *nekton.Stats) float64 { return boolean(read(s)) })
}

func constHistogram(desc *prometheus.Desc, h nekton.Histogram) prometheus.Metric {
	buckets := make(map[float64]uint64, len(h.Buckets))
	for _, b := range h.Buckets {
		buckets[b.UpTo.Seconds()] = b.Count
	}
	return prometheus.MustNewConstHistogram(desc, h.Count, h.Sum.Seconds(), buckets)
}
