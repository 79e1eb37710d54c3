from moving_project import local, mover, moving  # noqa: F401
from two_databases import target_url  # noqa: F401
