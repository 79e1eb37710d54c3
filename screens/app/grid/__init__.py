"""The lazy table: a window of rows over a table of any length, drawn line by line."""
