"""How a table is made."""
