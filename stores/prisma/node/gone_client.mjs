// A server goes on with a statement whose client is gone until it has an answer to send, which may be hours. From
// PostgreSQL 14 on it can look for the client meanwhile; where it cannot (before 14, on Windows, and 14 on macOS), nothing
// is set. Behind a pooler in transaction mode the setting stays with the server's connection, where it does no harm: the
// pooler closes that as soon as its own client is gone.
export const WATCH_FOR_A_GONE_CLIENT = `
  SELECT set_config(s.name, '2s', false) FROM (VALUES ('client_connection_check_interval')) AS s (name)
  WHERE current_setting(s.name, true) = '0' AND version() !~* 'visual|msvc|mingw|PostgreSQL 14.*darwin'`
