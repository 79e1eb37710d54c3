"""The vendors' own interfaces: databases without an account, and lasting ones with the user's own keys."""
