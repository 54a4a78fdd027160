# The linters are run by exact version, so that go.mod does not name them.
STATICCHECK   = honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: demo demo-browser test test-long generate lint bench rename

demo: ## The main job for real: a new module with its client and app, a local tenant and API, and people who use them
	go run ./examples/demo

demo-browser: ## The same, and you sign in by hand in your browser
	go run ./examples/demo -browser

test: ## Everything but what is long
	go vet ./...
	go test -race ./...
	go -C bench vet .
	go -C bench test .
	go run ./cmd/scaffold generate examples/timesheets.yaml --check

# What checks the pages for accessibility, by exact version and content.
AXE_VERSION = 4.14.1
AXE_SHA256  = e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745
AXE         = .cache/axe-core-$(AXE_VERSION)
$(AXE)/axe.min.js:
	mkdir -p $(AXE)
	cd $(AXE) && npm pack --silent axe-core@$(AXE_VERSION)
	cd $(AXE) && echo "$(AXE_SHA256)  axe-core-$(AXE_VERSION).tgz" | sha256sum --check --quiet
	cd $(AXE) && tar -xzmf axe-core-$(AXE_VERSION).tgz --strip-components=1 package/axe.min.js

FUZZTIME ?= 30s
test-long: $(AXE)/axe.min.js ## Many kills, the pages in a real browser (Debian: chromium chromium-driver; npm for axe-core), a client of npm, and each fuzz target for FUZZTIME
	go test -race -tags long -run KilledOften ./templates/client
	go test -tags long -run KilledOften -timeout 30m ./cmd/scaffold
	go test -tags long -run OpenIDClient ./dev/tenant
	AXE=$(CURDIR)/$(AXE)/axe.min.js SCREENSHOTS=$(CURDIR)/screenshots go test -count=1 -tags chromium -run RealBrowser ./dev/pages ./examples/tutorial
	@echo "screenshots of the pages: $(CURDIR)/screenshots"
	FUZZTIME=$(FUZZTIME) sh .ci/fuzz

generate: ## Bring generated/, the schema and the list of the engine's names up to date
	go test ./internal/render -run Reserved -update
	go run ./cmd/scaffold schema > spec/scaffold.schema.json.new && mv spec/scaffold.schema.json.new spec/scaffold.schema.json
	go run ./cmd/scaffold generate examples/timesheets.yaml

lint: ## staticcheck and golangci-lint, generated packages included, and vet for the other systems
	set -e; for os in windows darwin; do GOOS=$$os go vet ./templates/client ./internal/output ./generated/...; done
	go run $(STATICCHECK) -tags chromium,long ./...
	go run $(GOLANGCI_LINT) run --build-tags chromium,long ./...
	go -C bench run $(STATICCHECK) . ./calls ./empty
	cd bench && go run $(GOLANGCI_LINT) run . ./calls ./empty

SIZES ?= 5 50 500 5000
ROUNDS ?= 5
bench: ## scaffold beside other generators, and the Go benchmarks, as tables; for benchstat in bench.txt
	go -C bench run . -sizes "$(SIZES)" -rounds $(ROUNDS) -gobench "$(CURDIR)/bench.txt" $(BENCHFLAGS)

rename: ## make rename MODULE=github.com/you/scaffold: the module path, everywhere
	@test -n "$(MODULE)" || { echo "usage: make rename MODULE=github.com/you/scaffold"; exit 2; }
	git grep -lz 'example\.com/scaffold' | xargs -0 sed -i 's#example\.com/scaffold#$(MODULE)#g'
	gofmt -w $$(git ls-files '*.go')
