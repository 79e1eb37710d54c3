"""Creating and claiming cloud databases."""
