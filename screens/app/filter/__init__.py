"""Which rows are shown: conditions on columns, and a search."""
