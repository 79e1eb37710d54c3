"""The lines above the rows that are there only while somebody uses them."""
