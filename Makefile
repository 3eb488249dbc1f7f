# hqcam: `make run` starts the viewfinder, `make test` runs every test. Both set up what they need first.

PYTHON ?= python3
VENV   ?= .venv
RUN    := $(VENV)/bin

# On Raspberry Pi OS the camera's Python packages come from apt: the environment must see them, and keep them.
ON_PI  := $(shell grep -sq "Raspberry Pi" /proc/device-tree/model && echo yes)
SITE   := $(if $(ON_PI),--system-site-packages)

.PHONY: help run test test-oldest test-rig lint types page-types screenshots bench bench-focus bench-view bench-dng clean setup setup-dev rig

help:
	@echo "make run    set up and start the viewfinder (ARGS='--host 0.0.0.0' for a phone)"
	@echo "make test   set up and run all tests"
	@echo "make bench  print the measurements"
	@echo "make clean  remove the environment and caches"

run: setup
	$(RUN)/hqcam serve $(ARGS)

test: setup-dev rig lint types page-types
	$(RUN)/python -m pytest $(ARGS)
	$(MAKE) test-oldest
	$(MAKE) test-rig

# What apt installs on Bookworm, the oldest that hqcam meets, hatchling too: it compiles there. Its Python is 3.11; its
# numpy exists for no newer one.
test-oldest: $(VENV)-oldest/.ready
	$(VENV)-oldest/bin/python -m pytest -W default tests/unit tests/contract

# The driver with the real picamera2, as on a Pi 4 and as on a Pi 5.
test-rig: rig
	$(RUN)/python tests/rig/environment.py vc4 -- $(RUN)/python -m pytest tests/contract tests/rig
	$(RUN)/python tests/rig/environment.py pisp -- $(RUN)/python -m pytest tests/contract tests/rig

lint:
	$(RUN)/ruff check .
	$(RUN)/ruff format --check .
	shellcheck --severity=warning install.sh tests/*.sh tests/*/*.sh .ci/run
	$(RUN)/node node_modules/eslint/bin/eslint.js --config web/eslint.config.js --max-warnings 0 web tests
	$(RUN)/node node_modules/stylelint/bin/stylelint.mjs --config web/stylelint.config.js --max-warnings 0 "web/static/**/*.css"

types:
	$(RUN)/mypy

page-types:
	$(RUN)/python -m web.page_settings --check
	$(RUN)/node node_modules/typescript/bin/tsc -p web/jsconfig.json

bench: setup
	$(RUN)/hqcam bench $(ARGS)

# Focus peaking beside the ways of others, on sweeps of known blur.
bench-focus: setup-dev
	PYTHONPATH=tests $(RUN)/python -m bench.focus $(ARGS)

# How late the view is, beside a server that pushes; links between network namespaces need root.
bench-view: setup-dev
	PYTHONPATH=tests $(RUN)/python -m bench.view $(ARGS)

# One full frame to a DNG, beside PiDNG.
bench-dng: setup-dev
	tests/install-packages.sh gcc libc6-dev python3-dev
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --no-deps pidng
	PYTHONPATH=tests $(RUN)/python -m bench.dng

screenshots: setup-dev
	$(RUN)/python tests/page/screenshots.py

setup: $(VENV)/.run-ready

setup-dev: $(VENV)/.dev-ready

rig: $(VENV)/.rig-ready

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
		systemd shellcheck gcc libc6-dev
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	$(RUN)/npm install --no-fund --no-audit --no-package-lock --silent
	touch $@

# The real picamera2 on a libcamera with a simulated IMX477, which is built once per machine and kept in ~/.cache.
$(VENV)/.rig-ready: pyproject.toml tests/rig/build.sh $(wildcard tests/rig/imx477/*) | $(VENV)/.dev-ready
	tests/install-packages.sh gcc libc6-dev libcap-dev python3-dev
	$(RUN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,rig]"
	PYTHON=$(RUN)/python tests/rig/build.sh
	touch $@

$(VENV)-oldest/.ready: pyproject.toml $(KERNELS) tests/install/bookworm.txt | $(VENV)/.dev-ready
	$(PYTHON) -m venv --clear $(VENV)-oldest
	$(VENV)-oldest/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint tests/install/bookworm.txt --editable ".[lossless,develop]" pytest hatchling==1.12.2
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-oldest device/kernels/*.so node_modules .pytest_cache .mypy_cache .ruff_cache
