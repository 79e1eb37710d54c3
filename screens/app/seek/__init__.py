"""To a value, a date or a percentage of the way."""
