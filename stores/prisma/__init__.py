"""Prisma without its native engines: schema diff and push in WebAssembly, and Prisma Client Python's own generator."""
