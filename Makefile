# hqcam: `make run` starts the viewfinder, `make test` runs every test. Both set up what they need first.

PYTHON ?= python3
VENV   ?= .venv
RUN    := $(VENV)/bin

# On Raspberry Pi OS the camera's Python packages come from apt: the environment must see them, and keep them.
ON_PI  := $(shell grep -sq "Raspberry Pi" /proc/device-tree/model && echo yes)
SITE   := $(if $(ON_PI),--system-site-packages)

# Tests that may run beside others do; the worker processes of the simulated camera need a core too.
PYTEST   := python -m pytest
# Work stealing keeps neighbours together, which share what their module opened, and still leaves no core idle at the
# end: a worker that has nothing left takes half of what another has.
PARALLEL := --numprocesses auto --maxprocesses 4 --dist worksteal
# For unit tests alone one process more than there are cores: those of paced cameras wait.
WORKERS  := $(shell expr $$(nproc) + 1)
TOGETHER := tests/unit tests/api tests/contract tests/cli tests/install tests/attack
ALONE    := tests/page tests/bench

.PHONY: help run check test test-unit test-together test-alone test-oldest test-rig test-vc4 test-pisp coverage lint \
	types page-types attack bench bench-focus bench-families bench-view bench-dng bench-arm bench-captures bench-zip bench-gallery \
	bench-sending bench-rig \
	screenshots first-sight clean setup setup-dev rig

help: ## list what make can do
	@sed -nE 's/^([a-z0-9-]+):.* ## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

run: setup ## set up and start the viewfinder (ARGS='--host 0.0.0.0' for a phone)
	$(RUN)/hqcam serve $(ARGS)

# The tests take longest, so they begin; the others come one after the other beside them. Each speaks when it is done.
check: setup-dev ## the fast checks: lint, types, unit tests that need no other program
	$(MAKE) -j2 --output-sync=target test-unit lint types page-types

test-unit: setup-dev ## unit tests that need no other program
	$(RUN)/$(PYTEST) $(PARALLEL) --numprocesses $(WORKERS) -m "not tools" tests/unit $(ARGS)

test: ## set up and run all tests, as CI does
	$(MAKE) -j2 rig $(VENV)-oldest/.ready
	$(MAKE) lint types page-types test-together test-alone test-oldest test-rig

test-together: setup-dev ## the tests that may run beside others
	$(RUN)/$(PYTEST) $(PARALLEL) $(TOGETHER) $(ARGS)

test-alone: setup-dev ## the page in Chromium and the emulated links, one test after the other
	$(RUN)/$(PYTEST) $(ALONE) $(ARGS)

# What apt installs on Bookworm, the oldest that hqcam meets, hatchling too: it compiles there. Its Python is 3.11; its
# numpy exists for no newer one.
test-oldest: $(VENV)-oldest/.ready ## unit and contract tests with the versions of Bookworm
	$(VENV)-oldest/bin/$(PYTEST) $(PARALLEL) -W default tests/unit tests/contract

test-rig: rig ## the driver with the real picamera2, as on a Pi 4 and as on a Pi 5
	$(MAKE) -j2 --output-sync=target test-vc4 test-pisp

test-vc4: rig ## the same as on a Pi 4
test-pisp: rig ## the same as on a Pi 5
test-vc4 test-pisp: test-%:
	$(RUN)/python tests/rig/environment.py $* -- $(RUN)/$(PYTEST) tests/contract tests/rig

coverage: setup-dev ## how much of each room the tests run, child processes included
	$(RUN)/coverage erase
	$(RUN)/coverage run -m pytest $(PARALLEL) $(TOGETHER) $(ARGS)
	$(RUN)/coverage combine --quiet
	$(RUN)/python tests/coverage_of_rooms.py

lint: setup-dev ## ruff and shellcheck
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	shellcheck --severity=warning install.sh tests/*.sh tests/*/*.sh .ci/run
	$(RUN)/node node_modules/eslint/bin/eslint.js --config web/eslint.config.js --max-warnings 0 web tests
	$(RUN)/node node_modules/stylelint/bin/stylelint.mjs --config web/stylelint.config.js --max-warnings 0 "web/static/**/*.css"

types: setup-dev ## the types of the Python code
	$(RUN)/mypy

page-types: setup-dev ## the types of the page, and that its settings are as declared
	$(RUN)/python -m web.openapi.page_settings --check
	$(RUN)/node node_modules/typescript/bin/tsc -p web/jsconfig.json

attack: setup-dev ## attack a camera on this machine, in every way known, and print what came of it (ten minutes)
	PYTHONPATH=tests $(RUN)/python -m attack $(ARGS)

bench: setup ## print the measurements
	$(RUN)/hqcam bench $(ARGS)

bench-focus: setup-dev ## focus peaking beside the ways of others, on sweeps of known blur
	PYTHONPATH=tests $(RUN)/python -m bench.focus $(ARGS)

bench-families: setup-dev ## focus peaking in renderings that nobody tuned for, the worst of them last
	PYTHONPATH=tests $(RUN)/python -m bench.focus_families $(ARGS)

bench-view: setup-dev ## how late the view is, beside a server that pushes (needs root: network namespaces)
	PYTHONPATH=tests $(RUN)/python -m bench.view $(ARGS)

bench-dng: setup-dev ## one full frame to a DNG, beside PiDNG
	tests/install-packages.sh gcc libc6-dev python3-dev
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps pidng
	PYTHONPATH=tests $(RUN)/python -m bench.dng

bench-captures: setup-dev ## a save and a page of the list, in folders of few and of many captures
	PYTHONPATH=tests $(RUN)/python -m bench.captures $(ARGS)

bench-zip: setup-dev ## a zip of 200 captures while it is sent, beside cat
	PYTHONPATH=tests $(RUN)/python -m bench.zips $(ARGS)

bench-gallery: setup-dev ## how soon a shot is on the phone, and a gallery of 5,000 captures at a phone's speed
	PYTHONPATH=tests:. $(RUN)/python -m bench.gallery $(ARGS)

bench-sending: setup-dev ## a hundred shots to an open page while its link is cut twenty times; fails where one is lost or comes twice
	PYTHONPATH=tests:. $(RUN)/python -m bench.sending
	PAGES=2 PYTHONPATH=tests:. $(RUN)/python -m bench.sending

bench-arm: setup-dev ## instructions of the assists on arm64, counted under emulation; fails where they are too many
	tests/install-packages.sh gcc libc6-dev gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user mmdebstrap
	PYTHONPATH=tests $(RUN)/python -m bench.arm $(ARGS)

bench-rig: rig ## what the driver costs beside a bare picamera2; fails where that is too much
	$(RUN)/python tests/rig/environment.py vc4 -- $(RUN)/python tests/rig/bench.py
	$(RUN)/python tests/rig/environment.py pisp -- $(RUN)/python tests/rig/bench.py

screenshots: setup-dev ## take the pictures of README and help
	$(RUN)/python tests/page/screenshots.py

first-sight: setup-dev ## draw the page in every state at every size, to be looked at
	$(RUN)/python tests/page/first_sight.py

setup: $(VENV)/.run-ready ## the environment of `make run`

setup-dev: $(VENV)/.dev-ready ## the environment of the tests

rig: $(VENV)/.rig-ready ## the real picamera2 on a libcamera with a simulated sensor

$(VENV)/bin/python:
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || tests/install-packages.sh python3-venv
	$(PYTHON) -m venv $(SITE) $(VENV)

# What is compiled at an installation.
KERNELS := $(wildcard device/kernels/*.[ch]) device/kernels/build.py

$(VENV)/.run-ready: pyproject.toml $(KERNELS) | $(VENV)/bin/python
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# npm brings what checks the page: types and style. Node comes as a Python package, so that nothing else is needed for it.
$(VENV)/.dev-ready: pyproject.toml $(KERNELS) package.json tests/install-packages.sh | $(VENV)/bin/python
	tests/install-packages.sh chromium dcraw darktable rawtherapee ffmpeg iproute2 libimage-exiftool-perl fonts-dejavu-core \
		systemd shellcheck gcc libc6-dev curl rclone cadaver litmus
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	$(RUN)/npm install --no-fund --no-audit --no-package-lock --silent
	touch $@

# The real picamera2 on a libcamera with a simulated IMX477, which is built once per machine and kept in ~/.cache.
$(VENV)/.rig-ready: pyproject.toml $(VENV)/.libcamera-ready | $(VENV)/.dev-ready
	tests/install-packages.sh gcc libc6-dev libcap-dev python3-dev
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,rig]"
	touch $@

$(VENV)/.libcamera-ready: tests/rig/build.sh $(wildcard tests/rig/imx477/*) | $(VENV)/bin/python
	PYTHON=$(RUN)/python tests/rig/build.sh
	touch $@

$(VENV)-oldest/.ready: pyproject.toml $(KERNELS) tests/install/bookworm.txt | $(VENV)/.dev-ready
	$(PYTHON) -m venv --clear $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint tests/install/bookworm.txt --editable ".[lossless,develop]" \
		pytest pytest-timeout pytest-xdist jsonschema hatchling==1.12.2 "dngpy>=0.1.3; platform_machine == 'x86_64'"
	touch $@

clean: ## remove the environment and caches
	rm -rf $(VENV) $(VENV)-oldest device/kernels/*.so device/kernels/not-compiled.txt node_modules .pytest_cache .mypy_cache .ruff_cache .coverage*
