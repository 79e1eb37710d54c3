"""Rows and views spelled for others: SQL, Prisma, JSON."""
