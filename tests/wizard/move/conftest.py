from two_databases import pair, target_url  # noqa: F401
