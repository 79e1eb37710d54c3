"""One row in the words of others: JSON, an INSERT statement, a Prisma Client Python call, its Redis keys."""
