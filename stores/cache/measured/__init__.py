"""What the cache measures of itself and what is read of an application that uses it."""
