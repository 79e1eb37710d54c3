"""Set-up: its steps, their state, and the driver without a screen."""
