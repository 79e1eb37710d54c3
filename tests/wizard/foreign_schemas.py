"""Prisma schemas as other projects write them, each with what other projects put beside their tables."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Foreign:
    """A schema: its models, what the datasource says besides, and statements to run before and between two pushes."""

    models: str
    datasource: str = ""
    before: tuple[str, ...] = ()
    between: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole schema."""
        features = '["postgresqlExtensions", "views"]'
        return (
            f'generator client {{\n  provider = "prisma-client-js"\n  previewFeatures = {features}\n}}\n'
            f'datasource db {{\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n  {self.datasource}\n}}\n'
            f"{self.models}"
        )


FOREIGN_SCHEMAS = {
    "a blog": Foreign("""
model User {
  id Int @id @default(autoincrement())
  email String @unique
  role Role @default(USER)
  posts Post[]
  profile Profile?
}
model Profile {
  id Int @id @default(autoincrement())
  bio String?
  user User @relation(fields: [userId], references: [id], onDelete: Cascade)
  userId Int @unique
}
model Post {
  id Int @id @default(autoincrement())
  type String
  title String @db.VarChar(255)
  author User @relation(fields: [authorId], references: [id])
  authorId Int
  categories Category[]
  @@index([type])
  @@index([authorId, type(sort: Desc)])
}
model Category {
  id Int @id
  posts Post[]
}
enum Role {
  USER
  ADMIN
}
"""),
    "composite keys": Foreign("""
model Order {
  shop Int
  number Int
  lines Line[]
  @@id([shop, number], map: "pk of orders")
  @@map("orders")
}
model Line {
  shop Int
  order Int
  at Int
  sku String?
  of Order @relation(fields: [shop, order], references: [shop, number], onDelete: Cascade, map: "fk of lines")
  @@id([shop, order, at])
  @@unique([shop, sku], name: "by_sku", map: "lines by [sku]")
  @@index(fields: [order, shop(sort: Desc)], map: "lines, by [order]")
  @@map("order lines")
}
"""),
    "mapped names": Foreign("""
model Person {
  id String @id @default(uuid()) @map("person_id") @db.Uuid
  mail String @unique(map: "one mail each") @map("e-mail") @db.VarChar(320)
  born DateTime? @map("birth date") @db.Date
  mood Mood[] @default([Good])
  @@index([born, mail], map: "born.then mail")
  @@map("people of note")
}
enum Mood {
  Good @map("very good")
  Bad
  @@map("Moods of the day")
}
"""),
    "every kind of index": Foreign("""
model Document {
  id BigInt @id @default(autoincrement())
  type String
  body Json
  tags String[] @default(["New","it's"])
  code String
  at DateTime @default(now()) @db.Timestamptz(6)
  @@index([body], type: Gin)
  @@index([body(ops: JsonbPathOps)], type: Gin, map: "paths")
  @@index([tags], type: Gin)
  @@index([at], type: Brin)
  @@index([code], type: Hash)
  @@index([code(ops: raw("text_pattern_ops"))], map: "beginnings")
  @@index(type: BTree, fields: [type, at(sort: Desc)])
}
"""),
    "native types and defaults": Foreign("""
model Reading {
  id Int @id @default(autoincrement()) @db.SmallInt
  token String @default(dbgenerated("gen_random_uuid()")) @db.Uuid
  counts BigInt[] @default([1])
  rates Decimal[] @default([-1.5]) @db.Decimal(10, 2)
  parts Float[] @default([0.5, -2])
  blob Bytes @default("Zm9v")
  address String @default("10.0.0.1") @db.Inet
  bits String @default("101") @db.VarBit(8)
  price Decimal @default(5) @db.Money
  note String @default("It's \\"So\\"")
  until DateTime @default(dbgenerated("(now() + '1 day'::interval)"))
  extra Json @default("{\\"A\\": [1]}")
}
"""),
    "several schemas": Foreign("""
model Account {
  id Int @id
  owners Owner[]
  kind Kind @default(FREE)
  @@index([kind])
  @@schema("public")
}
model Owner {
  id Int @id
  accountId Int
  account Account @relation(fields: [accountId], references: [id])
  tags Tag[]
  @@index([accountId])
  @@map("owners")
  @@schema("auth")
}
model Tag {
  id Int @id
  name String @unique
  owners Owner[]
  @@schema("Other Place")
}
enum Kind {
  FREE
  PAID
  @@schema("auth")
}
""", 'schemas = ["public", "auth", "Other Place"]'),
    "the usual schema by name": Foreign("""
model A {
  id Int @id
  bs B[]
  name String
  @@index([name])
  @@schema("public")
}
model B {
  id Int @id
  as A[]
  @@map("b s")
  @@schema("public")
}
""", 'schemas = ["public"]'),
    "extensions": Foreign("""
model Member {
  id Int @id
  mail String @unique @db.Citext
  extra Unsupported("hstore")?
  name String
  @@index([name(ops: raw("gin_trgm_ops"))], type: Gin)
}
""", "extensions = [citext, hstore, pg_trgm]"),
    "an extension in its own schema that nothing names": Foreign(
        "model A {\n  id Int @id\n  citext String\n}\n", "", ("CREATE SCHEMA ext", "CREATE EXTENSION citext SCHEMA ext")
    ),
    "relations to itself": Foreign("""
model Node {
  id Int @id
  parent Node? @relation("Tree", fields: [parentId], references: [id])
  parentId Int?
  children Node[] @relation("Tree")
  friends Node[] @relation("Friends")
  friendOf Node[] @relation("Friends")
  @@index([parentId])
}
"""),
    "a view and what is ignored": Foreign("""
model Song {
  id Int @id
  title String
  secret String? @ignore
}
model Raw {
  id Int @id
  @@ignore
}
view Titles {
  id Int @unique
  title String
}
"""),
    "another program's tables, and indexes made by hand": Foreign(
        "model Song {\n  id Int @id\n  title String\n  plays Int\n}\n",
        before=("CREATE TABLE wp_posts (id int PRIMARY KEY)", "CREATE TYPE wp_mood AS ENUM ('Glad')"),
        between=(
            'CREATE INDEX by_hand ON "Song" (plays)',
            'CREATE UNIQUE INDEX once ON "Song" (title)',
            'CREATE INDEX most_played ON "Song" (plays) WHERE plays > 3',
            'CREATE INDEX lowered ON "Song" (lower(title))',
            'ALTER TABLE "Song" ADD CONSTRAINT played CHECK (plays >= 0)',
            'ALTER TABLE "Song" ADD CONSTRAINT pair UNIQUE (title, plays)',
        ),
    ),
}  # fmt: skip
