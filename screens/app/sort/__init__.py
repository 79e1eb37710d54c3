"""The order of the rows, and what another one would cost."""
