"""The relations of the tables as a diagram to walk about in."""
