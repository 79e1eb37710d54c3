"""Checks of the backend: Prisma, the generated client, and the application itself."""
