"""What a database says it is: tables, columns, keys, indexes, and their DDL."""
