# Each target does all its own set-up on a machine that has Python 3.11+, make and a package registry.
PYTHON ?= python3
UV := .tools/bin/uv
VENV := .venv
RUN := $(VENV)/bin
# Each file in one process, so that its tests share what they set up; three, since many wait for servers.
PYTEST = $(RUN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

# Else every process of every test compiles all that it imports: more than half of its seconds.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: review check lint test prove setup deploy worker lock clean tesseract postgres

# The bundled sample, or a live application: make review REF=25/00284/F
review: setup
	@$(RUN)/planning-review review $(if $(REF),$(REF),--sample)

# Format, lint, types and what is tested without a server: two minutes, after every change.
check: lint
	$(PYTEST) -m "not proof and not slow"

# All that must hold; with DURATIONS=25 it tells which tests took longest.
test: lint
	$(PYTEST) -m "not proof" $(if $(DURATIONS),--durations=$(DURATIONS) --durations-min=1)

lint: setup
	$(RUN)/ruff format --check .
	$(RUN)/ruff check .
	$(RUN)/mypy

# The long ones: every kind of failure retried, cancels and kills in each stage, two machines on Postgres.
prove: setup postgres
	$(RUN)/pytest -m proof --timeout 1200

setup: $(VENV)/.ready tesseract

# The deployments of prefect.yaml, the limits and the automations on the server.
deploy: setup
	@$(RUN)/python -m cli.deployments deploy

# A worker that runs them on this machine; at most two runs at once: make worker LIMIT=2
worker: setup
	@$(RUN)/python -m cli.deployments worker $(if $(LIMIT),--limit $(LIMIT))

# uv alone is fetched by pip, with the version and hashes that the lock names for it.
$(UV): requirements.lock
	@echo "Setting up: fetching uv, which installs the packages ..." >&2
	@mkdir -p .tools
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .tools/uv.txt
	@$(PYTHON) -m pip install -qq --disable-pip-version-check --upgrade --target .tools --no-deps \
		--require-hashes -r .tools/uv.txt
	@touch $(UV)

$(VENV)/.ready: requirements.lock pyproject.toml $(UV)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "Setting up: installing the packages of requirements.lock into $(VENV) ..." >&2
	@test -d $(VENV) || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(VENV) --no-deps --require-hashes -r requirements.lock
	@$(UV) pip install --quiet --python $(VENV) --no-deps --no-build-isolation --editable .
	@echo "Setting up: building the embedding model ..." >&2
	@$(RUN)/python -m planning_review.index.export_model
	@touch $(VENV)/.ready

# Scanned pages need tesseract, WordPerfect files wpd2text. Without them everything else goes on, and each such
# page and file says so.
tesseract:
	@command -v tesseract >/dev/null && command -v wpd2text >/dev/null && exit 0; \
	echo "Setting up: installing tesseract and wpd2text, which read scanned pages and WordPerfect ..." >&2; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		(apt-get update -qq && apt-get install -y -qq --no-install-recommends tesseract-ocr libwpd-tools) >/dev/null 2>&1; \
	elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then \
		(sudo apt-get update -qq && sudo apt-get install -y -qq --no-install-recommends tesseract-ocr libwpd-tools) >/dev/null 2>&1; \
	fi; \
	command -v tesseract >/dev/null || echo "tesseract is not installed: scanned pages will not be read." \
		"Install it (Debian: sudo apt-get install tesseract-ocr; macOS: brew install tesseract) and run again."

# One test has two machines share a server on Postgres; without Postgres it is skipped, and says so.
# No cluster is made: the test makes its own.
postgres:
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null && exit 0; \
	if command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ]; then \
		mkdir -p /etc/postgresql-common/createcluster.d && \
		echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/no-main.conf && \
		(apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql) >/dev/null 2>&1; \
	fi; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
		echo "Postgres is not installed: the test with two machines is skipped" \
			"(Debian: sudo apt-get install postgresql)."

# After a change of pyproject.toml's dependencies. The image's lock has the same pins, without what only tests
# need. Addresses of registries stay out of the file.
lock: $(UV)
	$(UV) pip compile pyproject.toml --all-extras --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header --quiet -o requirements.lock
	$(UV) pip compile pyproject.toml --extra setup --extra dask --constraint requirements.lock --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet -o requirements-image.lock

clean:
	rm -rf $(VENV) .tools
