GO      ?= go
TOOL    := $(GO) tool -modfile=.ci/tools/go.mod
FUZZTIME ?= 5000x
VERSION ?= $(shell .ci/version 2>/dev/null)
STAMP   := -X main.version=$(VERSION) -X main.commit=$(shell .ci/version commit 2>/dev/null) -X main.date=$(shell .ci/version date 2>/dev/null)

.DEFAULT_GOAL := help

## run: show the whole way of an event, on an emulator; needs nothing. Ctrl-C ends it
.PHONY: run
run: build
	@./vodworker demo

## build: build ./vodworker
.PHONY: build
build:
	@test -e vodworker || echo "building vodworker: the first time this takes a minute or two"
	@CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w $(STAMP)' -o vodworker ./cmd/vodworker

# How many packages are tested at once: some mostly wait. Most others make garbage, which the collector is to leave alone for long.
PACKAGES ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 2)))

## test: run the tests
.PHONY: test
test:
	GOGC=400 $(GO) test -p $(PACKAGES) -shuffle=on ./...
	@echo "skipped: what needs brokers, which make brokers runs, and the receivers in some languages, which make receivers does; PostgreSQL: make inbox"

## race: run the tests with the race detector (needs a C compiler)
.PHONY: race
race:
	@GO="$(GO)" .ci/race

## cover: run the tests and print what they cover of each package
.PHONY: cover
cover:
	$(GO) test -cover ./...

## bench: measure ./vodworker beside plain loops with the SDK, ROUNDS times in turn; ONLY chooses, EVENTS says how many
ROUNDS ?= 3
EVENTS ?= 20000
ONLY   ?= .
.PHONY: bench
bench: build
	$(GO) test ./cmd/vodworker/bench -run '^TestBench$$/($(ONLY))' -count=1 -v -timeout 0 -args -bench.rounds=$(ROUNDS) -bench.events=$(EVENTS)

## share: measure REPLICAS of ./vodworker on one quota for SECONDS, SIDE of these tests side by side; KINDS and ONLY choose
KINDS    ?= .
REPLICAS ?= 2,5,20
SECONDS  ?= 180
SIDE     ?= 1
.PHONY: share
share: build
	$(GO) test ./cmd/vodworker/bench -run '^TestShare$$/($(KINDS))/($(ONLY))' -count=1 -v -timeout 0 -parallel $(SIDE) -args -share.replicas=$(REPLICAS) -share.seconds=$(SECONDS)

## outage: have each broker be down for DOWN while events come at the ceiling; ONLY chooses
DOWN ?= 2m
.PHONY: outage
outage: build
	$(GO) test ./cmd/vodworker/bench -run '^TestOutage$$/($(ONLY))' -count=1 -v -timeout 0 -args -outage=$(DOWN)

## steady: watch the memory and the goroutines of processes at the ceiling, for DURATION
.PHONY: steady
steady: build
	$(GO) test ./cmd/vodworker/bench -run '^TestSteady$$' -count=1 -v -timeout 0 -args -steady=$(DURATION)

## benchmarks: run the Go benchmarks; BENCH chooses, BENCHTIME says how long, COUNT how often
BENCH     ?= .
BENCHTIME ?= 1s
COUNT     ?= 1
.PHONY: benchmarks
benchmarks:
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchmem -benchtime $(BENCHTIME) -count $(COUNT) ./...

## benchstat: compare two files that make benchmarks COUNT=10 has written, OLD=file NEW=file
.PHONY: benchstat
benchstat:
	$(TOOL) benchstat $(OLD) $(NEW)

## fuzz: run each fuzz target on FUZZTIME inputs; a duration works too, but go test may report its end as a failure
.PHONY: fuzz
fuzz:
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 100x $$package; \
		done; \
	done

## sim: simulate SEEDS runs in which everything fails, in virtual time; for CHAOS each, or as long as the seed says; and COMPANIES
SEEDS     ?= 2000
CHAOS     ?= 0
COMPANIES ?= 2
.PHONY: sim
sim:
	$(GO) test -count=1 -timeout 0 ./worker/sim -run TestSimulation -seeds=$(SEEDS) -chaos=$(CHAOS) -companies=$(COMPANIES)

## mutants: break the engine, one rule at a time, and see that the simulation notices
.PHONY: mutants
mutants:
	.ci/mutants

## soak: run replicas for DURATION while everything around them fails; SEED repeats a run
DURATION ?= 1m
SEED     ?= 0
.PHONY: soak
soak:
	$(GO) test ./cmd/vodworker -run '^TestSoak$$' -count=1 -v -timeout 0 -args -soak=$(DURATION) -soak.seed=$(SEED)

## crowd: let CROWD strangers of each kind stand around a receiver, and see that callbacks get through
CROWD ?= 4500
.PHONY: crowd
crowd:
	$(GO) test ./cmd/vodworker -run '^TestACrowd' -count=1 -v -timeout 0 -args -crowd=$(CROWD)

## sdks: let the official SDKs use the emulator, those of Go and Node.js, and run the tests of its page; needs node and npm
NODE_SDK := worker/vodtest/testdata/node
.PHONY: sdks
sdks: build
	$(GO) test -count=1 -run TestTheOfficialSDK ./worker/vodtest
	cd $(NODE_SDK) && timeout 300 npm ci
	cd $(NODE_SDK) && VODWORKER=$(CURDIR)/vodworker timeout 300 npm test
	$(GO) test -count=1 -timeout 5m -run TestTheTestsOfThePage ./cmd/vodworker

## receivers: run the receivers of the pages in each language that is here: Python, Node.js, Go, PHP, Java
.PHONY: receivers
receivers:
	$(GO) test -count=1 -timeout 10m ./cmd/vodworker -run TestTheReceiversOfThePage -receivers

## browser: test the emulator's page and the status page in Chromium, which must be installed; SHOTS=folder keeps pictures
SHOTS ?=
.PHONY: browser
browser:
	cd .ci/browser && $(GO) vet ./... && $(GO) test -count=1 -parallel 4 ./... -shots=$(abspath $(SHOTS))

## alerts: check and try the alert rules, and check the dashboard's queries, with promtool, which must be installed
.PHONY: alerts
alerts:
	$(GO) test -count=1 -timeout 5m ./cmd/vodworker/deploy -promtool

## brokers: test the sinks of BROKERS on servers that stop, freeze and forget; needs redis-server, rabbitmq-server, nats-server
BROKERS ?= kafka nats redis rabbitmq
.PHONY: brokers
brokers:
	$(GO) test -count=1 -v -timeout 30m -p 2 ./worker/internal/brokertest $(BROKERS:%=./worker/sink/%) -brokers
	cd .ci/cloudevents && $(GO) vet ./... && $(GO) test -count=1 -timeout 5m ./...

## inbox: test the inbox on PostgreSQL, and the program with it while it is killed, cut off, and its disk fails; FAULTS=full for long
FAULTS ?= short
.PHONY: inbox
inbox: build
	VODWORKER_POSTGRES=required $(GO) test -count=1 -timeout 5m ./worker/inbox/...
	VODWORKER_POSTGRES=required $(GO) test -count=1 -timeout 5m -run ShareAnInbox ./cmd/vodworker
	VODWORKER_POSTGRES=required $(GO) test -count=1 -v -timeout 15m -parallel 8 ./worker/inbox/internal/faults -args -faults=$(FAULTS)
	VODWORKER_STRACE=required $(GO) test -count=1 -v -timeout 20m ./cmd/vodworker -run '^TestEventsOutliveADiskThatFails$$' -parallel 3 \
		-args -inbox.faults=$(if $(filter full,$(FAULTS)),1,20)

## release: build what is released into dist/: programs, images, the chart and checksums
.PHONY: release
release:
	@GO="$(GO)" .ci/release

## image: make release, and test it: equal bytes from two folders, the images as containers; buildah if it is there
.PHONY: image
image: release
	cd .ci/deploy && $(GO) test -count=1 -timeout 10m -run 'Release|Image' ./...

## chart: test the chart, the systemd units and what the manual says of them; the first run builds helm
.PHONY: chart
chart:
	cd .ci/deploy && $(GO) vet ./... && $(GO) test -count=1 -timeout 10m -skip 'Release|Image' ./...

## lint: check the code; the first run builds the linter
.PHONY: lint
lint:
	$(GO) vet ./...
	$(TOOL) golangci-lint run

## verify: check that go.mod is tidy and the code is formatted
.PHONY: verify
verify:
	$(GO) mod tidy -diff
	$(GO) mod verify
	@test -z "$$(gofmt -l .)" || { gofmt -d .; exit 1; }

## help: list the targets
.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST) | awk -F': ' '{ printf "  %-10s %s\n", $$1, $$2 }'
