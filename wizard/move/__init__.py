"""From one database and cache to another, with the data: probe, push, copy, verify, switch, and the way back."""
