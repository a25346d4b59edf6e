/** The ledger's tables. */

/** The schema version; raise it with every change to the tables. */
export const version = 1

/** Safe to run again. `schema` must need no quoting. */
export function tables(schema: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${schema}.ledger (
      identity uuid PRIMARY KEY DEFAULT gen_random_uuid(),
      version integer NOT NULL
    );
    CREATE TABLE IF NOT EXISTS ${schema}.runs (
      run text PRIMARY KEY,
      build text,
      host text NOT NULL,
      heard timestamptz NOT NULL DEFAULT now(),
      outline jsonb,
      outlined bigint
    );
    CREATE TABLE IF NOT EXISTS ${schema}.writers (
      run text,
      writer text,
      lines integer NOT NULL,
      changes bigint NOT NULL,
      PRIMARY KEY (run, writer)
    );
    CREATE TABLE IF NOT EXISTS ${schema}.lines (
      run text,
      writer text,
      line integer,
      text text NOT NULL,
      PRIMARY KEY (run, writer, line)
    );
    CREATE TABLE IF NOT EXISTS ${schema}.leases (
      run text PRIMARY KEY,
      lease text NOT NULL,
      holder jsonb NOT NULL,
      until timestamptz NOT NULL
    );
    INSERT INTO ${schema}.ledger (version) SELECT ${version} WHERE NOT EXISTS (SELECT FROM ${schema}.ledger);`
}
