# What there is to do. `make` alone lists it.
.PHONY: help demo test race fuzz micro bench bench-quick bench-compare lint ci long papers explore swarm mutants

FUZZTIME ?= 30s
EXPLORE ?= large
SEEDS ?= 100000
FROM ?= 1
FOR ?= 0s
BASE ?= HEAD~1

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

demo: ## run the main job on a real loopback cluster
	go run ./cmd/nekton demo

test: ## run all tests
	go test ./...

race: ## run all tests under the race detector
	go test -race ./...

long: ## run 200 nodes in one process for a minute
	NEKTON_LONG=1 go test -count=1 -run 'ManyNodes.*/200' -timeout 5m -v .

explore: ## visit every state of small clusters, at the sizes of EXPLORE
	go run ./cmd/nekton sim explore -size $(EXPLORE)

swarm: ## hold the laws against SEEDS random scenarios from seed FROM on, or for as long as FOR
	go run ./cmd/nekton sim swarm -from $(FROM) -for $(FOR) $(if $(filter 0s,$(FOR)),-seeds $(SEEDS))

mutants: ## plant deliberate bugs, and see which tests notice; writes docs/testing.md
	go run ./cmd/mutants -docs docs/testing.md

fuzz: ## run every fuzz target for FUZZTIME
	@for package in $$(go list ./...); do \
		for target in $$(go test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			echo "$$package $$target"; \
			go test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

papers: ## repeat the published experiments, and write docs/results.md
	go run ./cmd/papers

micro: ## run the micro-benchmarks
	go test -run '^$$' -bench . -benchmem ./...

bench: ## measure nekton beside memberlist, under 30 minutes; writes docs/benchmarks.md
	cd bench && go run ./cmd/nekton-bench -docs ../docs

bench-quick: ## the same as small as can be, a smoke test
	cd bench && go run ./cmd/nekton-bench -quick -out /dev/null

bench-compare: ## compare the pure micro-benchmarks with those of commit BASE, by benchstat
	bench/compare $(BASE)

lint: ## gofmt, vet, staticcheck
	@test -z "$$(gofmt -l .)" || (gofmt -l . && exit 1)
	go vet ./...
	go run honnef.co/go/tools/cmd/staticcheck@v0.6.1 ./...

ci: ## everything that has to hold before a change lands
	.ci/run
