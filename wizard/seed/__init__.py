"""Sample data for all eleven tables, like that of a music service: deterministic, streamed, and removable."""
