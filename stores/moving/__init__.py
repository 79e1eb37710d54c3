"""Rows from one PostgreSQL to another: what there is, in which order, the stream, and the proof that it is the same."""
