"""Keys of the cache: asking before one is dropped, and the browser of all of them."""
