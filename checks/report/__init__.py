"""Reports of a run: text, JSON, history, comparison, and the support bundle."""
