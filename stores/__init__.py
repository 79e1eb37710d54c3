"""What is talked to: secrets, the project, the env file, PostgreSQL, Prisma, Upstash, the local stack.

Imports nothing of the other rooms. The order is `stores` ← `checks` ← `wizard` ← `screens`.
"""
