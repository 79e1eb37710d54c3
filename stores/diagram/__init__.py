"""The relations of a database as a diagram of text."""
