/** What is put into the user's database. The layout's number stands in the schema's comment: what has another one is replaced. */

import { ownStyle } from '../key-text.ts'

/** By this comment a schema of that name is known to be Dustpan's. */
export const schemaComment = 'Dustpan: what the application under test writes (layout 2)'
export const anyLayout = /^Dustpan: what the application under test writes \(layout \d+\)$/

/**
 * One line for each row that was written, in the order of the writing. Not UNLOGGED: a crash of the server would empty it, and with it
 * what is known of rows that are still there. Runs and scopes are cut to a length that an index can hold, whatever somebody sets.
 */
const log = `CREATE TABLE dustpan.log (
  id bigint GENERATED ALWAYS AS IDENTITY,
  run text NOT NULL,
  scope text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  tx bigint NOT NULL,
  rel oid NOT NULL,
  node oid,
  op "char" NOT NULL,
  key_of text[],
  key jsonb,
  key_now jsonb,
  was jsonb,
  now jsonb,
  trouble text,
  settled boolean NOT NULL DEFAULT false,
  PRIMARY KEY (run, scope, id)
)`

/** Who is at work: while another process is, nobody knows whose a row without a name is. */
const writer = `CREATE TABLE dustpan.writer (
  run text NOT NULL,
  writer text NOT NULL,
  began timestamptz NOT NULL,
  seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended timestamptz,
  PRIMARY KEY (run, writer)
)`

/** The key of a row, by the trigger's arguments from the second on. */
const makeKey = (key: string, row: string): string => `${key} := jsonb_build_array(${row} ->> TG_ARGV[1]);
      FOR i IN 2 .. TG_NARGS - 1 LOOP ${key} := ${key} || jsonb_build_array(${row} ->> TG_ARGV[i]); END LOOP;`

const setting = (name: string): string => `coalesce(left(current_setting('dustpan.${name}', true), 100), '')`

const writeLine = (more = ''): string =>
  `INSERT INTO dustpan.log (run, scope, tx, rel, node, op, key_of, key, trouble${more})
    VALUES (${setting('run')}, ${setting('scope')}, pg_current_xact_id()::text::bigint, TG_RELID,
      pg_relation_filenode(TG_RELID), lower(left(TG_OP, 1))::"char", TG_ARGV[1:], key, trouble${more});`

/**
 * Of the trigger's arguments the first is 'claim' or 'leave', the others are the key's columns. A statement of the application must never
 * fail here: what can (a value that has no JSON form, a column that was renamed) gives a line without a key. In every transaction the server
 * prepares each expression anew that it comes by; so an INSERT, the most frequent, comes by few.
 */
export const functionBody = `
-- ${Object.keys(ownStyle).join(', ')}: set for it, as keys are to be read again by Dustpan's own sessions
DECLARE
  was jsonb;
  now jsonb;
  key jsonb;
  key_now jsonb;
  trouble text;
BEGIN
  IF TG_OP = 'INSERT' THEN
    BEGIN
      now := to_jsonb(NEW);
      ${makeKey('key', 'now')}
    EXCEPTION WHEN OTHERS THEN
      key := NULL;
      trouble := SQLERRM;
    END;
    ${writeLine()}
    RETURN NULL;
  END IF;
  BEGIN
    was := to_jsonb(OLD);
    ${makeKey('key', 'was')}
    IF TG_OP = 'UPDATE' THEN
      now := to_jsonb(NEW);
      IF was = now THEN RETURN NULL; END IF;
      ${makeKey('key_now', 'now')}
      IF key_now = key THEN key_now := NULL; END IF;
    END IF;
    IF TG_ARGV[0] = 'leave' AND ${setting('run')} = '' THEN
      was := NULL;
      now := NULL;
    END IF;
  EXCEPTION WHEN OTHERS THEN
    key := NULL;
    key_now := NULL;
    was := NULL;
    now := NULL;
    trouble := SQLERRM;
  END;
  ${writeLine(', key_now, was, now')}
  RETURN NULL;
END`

/** A session's own way of writing would be that of the keys, and some are not the same then; the comment above makes a change of it seen. */
const styleClauses = Object.entries(ownStyle)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join(' ')

/** Runs with its owner's rights: a role that may only insert need not know of the log. */
export const replaceFunction = `CREATE OR REPLACE FUNCTION dustpan.log_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp ${styleClauses} AS $dustpan$${functionBody}
$dustpan$`

export const createSchema: readonly string[] = [
  'CREATE SCHEMA dustpan',
  `COMMENT ON SCHEMA dustpan IS '${schemaComment}'`,
  log,
  'CREATE INDEX log_key ON dustpan.log USING hash (key)',
  'CREATE INDEX log_at ON dustpan.log USING brin (at) WITH (pages_per_range = 8, autosummarize = on)',
  writer,
  replaceFunction,
  'REVOKE ALL ON FUNCTION dustpan.log_row() FROM PUBLIC',
]

/** With CASCADE it takes triggers along of tables whose owner somebody else is: only the function's owner is asked. */
export const dropFunction = 'DROP FUNCTION dustpan.log_row()'

/** Without CASCADE: what somebody else put there is not taken along. */
export const dropSchema: readonly string[] = [
  'DROP TABLE dustpan.log',
  'DROP TABLE dustpan.writer',
  'DROP SCHEMA dustpan',
]
