# Two commands are enough: `make run` and `make test`. Both set up everything they need in .venv.
.PHONY: run test check format bench bench-peers pictures wheels machines lock clean help

SOUNDCHECK := .venv/bin/soundcheck
# Compiled modules are kept, whatever the environment says: each worker and each command that a test starts reads them.
COMPILE := .venv/bin/python -m compileall -q -j 0 stores checks wizard screens
# Whole programs first: few tests that take long each would otherwise come last, one worker busy and the others idle.
PYTEST := PYTHONDONTWRITEBYTECODE= .venv/bin/python -P -m pytest -n 4 --dist loadfile --no-loadscope-reorder

help:
	@echo "make run [ARGS=…]   set up and start Soundcheck"
	@echo "make test           set up and run the tests"
	@echo "make check          format, lint, types, tests: what a change must pass"
	@echo "make bench          the benchmark tables"
	@echo "make bench-peers    install the programs that the tables compare with, aside"
	@echo "make pictures       draw the README's pictures from the app"
	@echo "make wheels         build the two distributions into dist/"
	@echo "make machines       both commands on bare Debian 12, 13 and testing, as root and as a user"

# Without a terminal and without arguments: set up with the credentials that are found, on the local stack where
# there are none, in plain lines, and list the tables. The variable tells from which folder make was called: the
# commands that are printed have to work there.
run: export SOUNDCHECK_CALLED_FROM := $(PWD)
run:
	@sh tools/install.sh runtime
	@if [ -n "$(ARGS)" ] || { [ -t 0 ] && [ -t 1 ]; }; then $(SOUNDCHECK) $(ARGS); \
	else $(SOUNDCHECK) setup --yes --local-if-none --plain && $(SOUNDCHECK) tables --plain; fi

test:
	@sh tools/install.sh dev
	@$(COMPILE)
	@$(PYTEST) $(ARGS)

check:
	@sh tools/install.sh dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	$(COMPILE)
	$(PYTEST)

format:
	@sh tools/install.sh dev
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench:
	@sh tools/install.sh dev
	@.venv/bin/python -m benchmarks $(ARGS)

bench-peers:
	@sh tools/install.sh dev
	@sh tools/peers.sh

pictures:
	@sh tools/install.sh dev
	@.venv/bin/python -m tools.pictures

wheels:
	@sh tools/install.sh dev
	@rm -rf dist
	@for each in packaging/cache .; do .venv/bin/python -P -m build --no-isolation --wheel -o dist $$each >/dev/null || exit 1; done
	@ls dist

machines:
	@sh tools/machines.sh $(ARGS)

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

lock:
	@sh tools/lock.sh
