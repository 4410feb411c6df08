// Package page makes docs/benchmarks.md and its charts of the raw results of a run,
// and of nothing else.
package page
