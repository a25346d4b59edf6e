/**
 * The schema objects that are installed in the user's database. The comment of the schema holds the layout version: another
 * version is replaced.
 */

import { ownStyle } from '../key-text.ts'

/** This comment identifies a schema of that name as Dustpan's. */
export const schemaComment = 'Dustpan: what the application under test writes (layout 2)'
export const anyLayout = /^Dustpan: what the application under test writes \(layout \d+\)$/

/**
 * One line per written row, in the order of the writes. Not UNLOGGED: a crash of the server would empty it, and rows that
 * still exist would be forgotten. Runs and scopes are truncated to a length that an index can hold, whatever the setting.
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

/** Active writers: while another writer is active, the owner of a row without a name is unknown. */
const writer = `CREATE TABLE dustpan.writer (
  run text NOT NULL,
  writer text NOT NULL,
  began timestamptz NOT NULL,
  seen timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended timestamptz,
  PRIMARY KEY (run, writer)
)`

/** Builds the key of a row, from the columns in the trigger arguments after the first. */
const makeKey = (key: string, row: string): string => `${key} := jsonb_build_array(${row} ->> TG_ARGV[1]);
      FOR i IN 2 .. TG_NARGS - 1 LOOP ${key} := ${key} || jsonb_build_array(${row} ->> TG_ARGV[i]); END LOOP;`

const setting = (name: string): string => `coalesce(left(current_setting('dustpan.${name}', true), 100), '')`

const writeLine = (more = ''): string =>
  `INSERT INTO dustpan.log (run, scope, tx, rel, node, op, key_of, key, trouble${more})
    VALUES (${setting('run')}, ${setting('scope')}, pg_current_xact_id()::text::bigint, TG_RELID,
      pg_relation_filenode(TG_RELID), lower(left(TG_OP, 1))::"char", TG_ARGV[1:], key, trouble${more});`

/**
 * The first trigger argument is 'claim' or 'leave', the others are the key columns. A statement of the application must
 * never fail here: on an error (a value that has no JSON form, a renamed column) the line has no key. In every transaction
 * the server prepares again each expression that it reaches; so an INSERT, the most frequent statement, reaches few.
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

/**
 * Without these, keys would be written by the settings of each session, and would differ. The comment in the function body
 * makes a change of the settings detectable.
 */
const styleClauses = Object.entries(ownStyle)
  .map(([name, value]) => `SET ${name} = '${value}'`)
  .join(' ')

/** Runs with the rights of its owner: a role that may only insert needs no access to the log. */
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

/** With CASCADE this also drops triggers of tables with another owner: only the ownership of the function is checked. */
export const dropFunction = 'DROP FUNCTION dustpan.log_row()'

/** Without CASCADE, so that objects of others in the schema are not dropped. */
export const dropSchema: readonly string[] = [
  'DROP TABLE dustpan.log',
  'DROP TABLE dustpan.writer',
  'DROP SCHEMA dustpan',
]
