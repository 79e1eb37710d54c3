"""What is looked at, spelled as SQL, as a Prisma call and as Redis commands, ready to copy."""
