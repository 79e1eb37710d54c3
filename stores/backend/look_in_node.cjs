// Runs in the backend's own Node, handed over on standard input: what it sees, as hashes. Stands alone, Node 16.
// The last line of its output is JSON behind a mark; the values themselves never leave.
"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const MARK = "soundcheck-app-probe:";
const NOT_LIBPQ = ["connection_limit", "pool_timeout", "pgbouncer", "schema", "socket_timeout", "statement_cache_size"];
const own = createRequire(path.join(process.cwd(), "soundcheck-looks.cjs"));

function fingerprint(value) {
  return crypto.createHash("sha256").update("soundcheck\0").update(value, "utf8").digest("hex").slice(0, 12);
}

function loadOne(one) {
  if (one.library) {
    own(one.library).config({ path: one.path, override: one.override, quiet: true });
  } else if (fs.existsSync(one.path)) {
    process.loadEnvFile(one.path);
  }
}

function load(loads, names, sources) {
  let missing = false;
  for (const one of loads) {
    const before = names.map((name) => process.env[name]);
    try {
      loadOne(one);
    } catch {
      missing = missing || Boolean(one.library);
    }
    names.forEach((name, at) => {
      if (process.env[name] !== before[at]) sources[name] = one.shown;
    });
  }
  return missing;
}

function version(name) {
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    try {
      return JSON.parse(fs.readFileSync(path.join(folder, "node_modules", name, "package.json"), "utf8")).version;
    } catch {
      if (path.dirname(folder) === folder) return "";
    }
  }
}

function withoutForeign(url) {
  const [head, query = ""] = url.split("?");
  const kept = query.split("&").filter((part) => part && !NOT_LIBPQ.includes(part.split("=")[0]));
  return kept.length ? `${head}?${kept.join("&")}` : head;
}

const ways = {
  async pg(url, asked) {
    const { Client } = own("pg");
    const client = new Client({ connectionString: url, connectionTimeoutMillis: asked.seconds * 1000 });
    client.on("error", () => {});
    await client.connect();
    await client.query("select 1");
    await client.end();
  },
  async postgres(url, asked) {
    const made = own("postgres");
    const sql = (made.default || made)(url, { connect_timeout: asked.seconds, max: 1, onnotice: () => {} });
    try {
      await sql`select 1`;
    } finally {
      await sql.end({ timeout: 1 });
    }
  },
  async "@prisma/client"() {
    const { PrismaClient } = own("@prisma/client");
    const client = new PrismaClient();
    await client.$connect();
    await client.$disconnect();
  },
};

function masked(text, url) {
  let said = String(text).split(url).join("the address");
  const found = /^[A-Za-z0-9+.-]*:\/\/[^:/@]*:(.*)@/.exec(url);
  const spellings = found ? [found[1]] : [];
  try {
    if (found) spellings.push(decodeURIComponent(found[1]));
  } catch {
    // an odd percent sign: the plain spelling is all there is
  }
  for (const secret of spellings) if (secret) said = said.split(secret).join("*****");
  return said.replace(/\s+/g, " ").trim();
}

async function connect(asked) {
  const url = process.env[asked.names[0]] || "";
  if (!url) return { status: "no_url" };
  for (const driver of asked.drivers) {
    if (!ways[driver.name] || !version(driver.name)) continue;
    const started = process.hrtime.bigint();
    const said = { driver: driver.name };
    try {
      await ways[driver.name](driver.exact ? url : withoutForeign(url), asked);
      said.status = "ok";
    } catch (problem) {
      const causes = [problem, ...((problem && problem.errors) || [])];
      const words = causes.map((one) => `${one && one.code ? `${one.code}: ` : ""}${(one && one.message) || one}`);
      Object.assign(said, { status: "failed", text: masked(words.join(" "), url).slice(0, 600) });
    }
    said.elapsed_ms = Number((process.hrtime.bigint() - started) / 100000n) / 10;
    return said;
  }
  return { status: "no_driver", looked_for: asked.drivers.map((driver) => driver.name).join(", ") };
}

async function main(asked) {
  const sources = {};
  for (const name of asked.names) if (process.env[name]) sources[name] = "exported";
  const missing = load(asked.loads, asked.names, sources);
  const seen = {};
  for (const name of asked.names) if (process.env[name]) seen[name] = fingerprint(process.env[name]);
  const drivers = {};
  for (const name of asked.versions) if (version(name)) drivers[name] = version(name);
  const told = {
    version: `Node ${process.versions.node}`, seen, sources, loader_missing: missing, drivers,
    connect: await connect(asked),
  };
  process.stdout.write(`\n${MARK}${JSON.stringify(told)}\n`, () => process.exit(0));
}
