"""From a row to the rows it names, and to the rows that name it."""
