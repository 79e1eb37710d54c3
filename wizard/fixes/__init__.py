"""The executors of fixes, one for each fix id."""
