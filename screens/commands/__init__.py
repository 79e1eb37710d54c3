"""One module for each command: `configure(parser)` names its options, `run(…)` does it and returns an exit code."""
