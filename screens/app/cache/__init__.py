"""Place 3, and the panel of figures that also stands beside the tables."""
