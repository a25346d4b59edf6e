/** Many kinds of tables. `origin` is `seed` for existing rows and `test` for all others; the random statements never set it. */
const origin = `origin TEXT NOT NULL DEFAULT 'test'`

const main = `
  CREATE TABLE t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, n INTEGER DEFAULT 0 CHECK (n < 90), ${origin});
  CREATE TABLE auto (id INTEGER PRIMARY KEY AUTOINCREMENT, u INTEGER UNIQUE, n INTEGER, ${origin});
  CREATE TABLE pairs (b TEXT, a INTEGER, n, ${origin}, PRIMARY KEY (a, b)) WITHOUT ROWID;
  CREATE TABLE strict_ones (id INT PRIMARY KEY NOT NULL, u ANY UNIQUE, n REAL, ${origin}) STRICT;
  CREATE TABLE bare (u INTEGER, n TEXT, ${origin});
  CREATE TABLE gen (id INTEGER PRIMARY KEY, n INTEGER, twice INTEGER GENERATED ALWAYS AS (n * 2) STORED UNIQUE, thrice GENERATED ALWAYS AS (n * 3), ${origin});
  CREATE TABLE blobs (k BLOB PRIMARY KEY NOT NULL, n, ${origin});
  CREATE TABLE replacing (code TEXT PRIMARY KEY NOT NULL ON CONFLICT REPLACE, u UNIQUE ON CONFLICT IGNORE, n, ${origin});
  CREATE TABLE loose (code TEXT PRIMARY KEY, n, ${origin});
  CREATE TABLE "odd; na""me -- [x]" ("Id Col" TEXT PRIMARY KEY NOT NULL, "名前" DEFAULT 'ö', ${origin});
  CREATE TABLE parent (id INTEGER PRIMARY KEY, n, ${origin});
  CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE ON UPDATE CASCADE, ${origin});
  CREATE TABLE later (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED, ${origin});
  CREATE UNIQUE INDEX bare_u ON bare (u) WHERE n = 'only';
  CREATE TABLE audit (id INTEGER PRIMARY KEY, what TEXT, ${origin});
  CREATE TRIGGER t_audit AFTER INSERT ON t WHEN NEW.u % 3 = 0 BEGIN INSERT INTO audit (what) VALUES ('t ' || NEW.id); END;
  CREATE TRIGGER t_refuse BEFORE INSERT ON t WHEN NEW.u = 7 BEGIN SELECT RAISE(ABORT, 'not seven'); END;
  CREATE TRIGGER t_skip BEFORE INSERT ON t WHEN NEW.u = 8 BEGIN SELECT RAISE(IGNORE); END;
  CREATE TRIGGER t_back BEFORE INSERT ON t WHEN NEW.u = 13 BEGIN SELECT RAISE(ROLLBACK, 'all back'); END;
  CREATE TRIGGER auto_stop AFTER INSERT ON auto WHEN NEW.u = 11 BEGIN SELECT RAISE(FAIL, 'stopped'); END;
  CREATE TRIGGER auto_echo AFTER INSERT ON auto WHEN NEW.u = 14 BEGIN UPDATE auto SET id = id + 100 WHERE id = NEW.id; DELETE FROM t WHERE u = 1; END;
  CREATE VIEW both AS SELECT id, u FROM t;
  CREATE TRIGGER both_in INSTEAD OF INSERT ON both BEGIN INSERT INTO t (u) VALUES (NEW.u); INSERT OR IGNORE INTO pairs (a, b) VALUES (NEW.u, 'view'); END;
  CREATE TRIGGER both_out INSTEAD OF DELETE ON both BEGIN DELETE FROM t WHERE id = OLD.id; END;
`

const seeds = `
  INSERT INTO t (id, u, origin) VALUES (1001, 1001, 'seed'), (1003, 1003, 'seed');
  INSERT INTO auto (id, u, origin) VALUES (500, 1001, 'seed');
  INSERT INTO pairs (b, a, origin) VALUES ('p1', 1001, 'seed');
  INSERT INTO strict_ones (id, u, origin) VALUES (1001, 'x', 'seed');
  INSERT INTO bare (u, n, origin) VALUES (1001, 'seed', 'seed');
  INSERT INTO gen (id, n, origin) VALUES (1001, 1001, 'seed');
  INSERT INTO blobs (k, origin) VALUES (x'ff', 'seed');
  INSERT INTO replacing (code, u, origin) VALUES ('seed', 1001, 'seed');
  INSERT INTO parent (id, origin) VALUES (1001, 'seed');
  INSERT INTO child (parent, origin) VALUES (1001, 'seed');
`

const other = `
  CREATE TABLE far.t (id INTEGER PRIMARY KEY, u INTEGER UNIQUE, n INTEGER, ${origin});
  CREATE TABLE far.away (k TEXT, v, ${origin}, PRIMARY KEY (k)) WITHOUT ROWID;
  INSERT INTO far.t (id, u, origin) VALUES (1001, 1001, 'seed');
`

export const schema = `PRAGMA foreign_keys = ON; ATTACH ':memory:' AS far; ${main} ${other} ${seeds}`

/** Tables that statements may write to, with an SQL expression for their key as JSON. */
export const keys: { readonly [table: string]: string } = {
  'main.t': 'id',
  'main.auto': 'id',
  'main.pairs': `json_array(${readable('a')}, ${readable('b')})`,
  'main.strict_ones': 'id',
  'main.bare': 'rowid',
  'main.gen': 'id',
  'main.blobs': readable('k'),
  'main.replacing': readable('code'),
  'main.loose': readable('code'),
  'main."odd; na""me -- [x]"': readable('"Id Col"'),
  'main.parent': 'id',
  'main.child': 'id',
  'main.later': 'id',
  'main.audit': 'id',
  'far.t': 'id',
  'far.away': readable('k'),
}

/** Rows that statements created, except those with NULL in their key. */
export const createdSql = Object.entries(keys)
  .map(
    ([table, key]) =>
      `SELECT '${nameOf(table).replaceAll("'", "''")} ' || (${key}) AS row FROM ${table} WHERE origin = 'test' AND (${key}) IS NOT NULL`,
  )
  .join(' UNION ALL ')

/** Blobs become hex. */
function readable(column: string): string {
  return `CASE typeof(${column}) WHEN 'blob' THEN lower(hex(${column})) ELSE ${column} END`
}

function nameOf(table: string): string {
  const name = table.slice(table.indexOf('.') + 1)
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}
