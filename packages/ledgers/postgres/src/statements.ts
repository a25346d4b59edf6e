/** All SQL statements of the ledger, for the tables of one schema. */

export type Statements = ReturnType<typeof statementsFor>

export function statementsFor(schema: string) {
  const qualified = (table: string) => `${schema}.${table}`
  return {
    append: (writers: number) => append(qualified, writers),
    positions: `
      SELECT writer, max(line) FILTER (WHERE line = place) AS lines
      FROM (SELECT writer, line, row_number() OVER (PARTITION BY writer ORDER BY line) AS place FROM ${qualified('lines')} WHERE run = $1) AS placed
      GROUP BY writer`,
    runs: `
      SELECT run, build, host, heard::text, extract(epoch FROM clock_timestamp() - heard) * 1000 AS silent, writers,
             CASE WHEN outlined = changes THEN outline END AS outline
      FROM ${qualified('runs')} JOIN (
        SELECT run, sum(changes) AS changes, json_object_agg(writer, json_build_array(lines, changes)) AS writers
        FROM ${qualified('writers')} WHERE $1::text IS NULL OR run = $1 GROUP BY run
      ) AS written USING (run)
      ORDER BY run DESC`,
    lines: `SELECT line, text FROM ${qualified('lines')} WHERE run = $1 AND writer = $2 AND line > $3 ORDER BY line LIMIT $4`,
    keepOutline: `UPDATE ${qualified('runs')} SET outline = $2, outlined = $3 WHERE run = $1`,
    lease: `
      INSERT INTO ${qualified('leases')} AS held (run, lease, holder, until)
      VALUES ($1, $2, $3, clock_timestamp() + $5 * interval '1 ms')
      ON CONFLICT (run) DO UPDATE SET lease = excluded.lease, holder = excluded.holder, until = excluded.until
      WHERE held.until < clock_timestamp() OR held.lease IN ($2, $4)
      RETURNING lease`,
    lackingRights: `
      SELECT name, string_agg(needed, ', ' ORDER BY place) AS rights
      FROM unnest(ARRAY['runs', 'writers', 'lines', 'leases']) AS name,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY AS one (needed, place)
      WHERE NOT has_table_privilege('${schema}.' || name, needed)
      GROUP BY name ORDER BY name`,
    holder: `SELECT holder FROM ${qualified('leases')} WHERE run = $1`,
    renew: `
      UPDATE ${qualified('leases')} SET until = clock_timestamp() + $3 * interval '1 ms' WHERE run = $1 AND lease = $2
      RETURNING lease`,
    release: `DELETE FROM ${qualified('leases')} WHERE run = $1 AND lease = $2`,
    drop: `
      WITH gone AS (
        DELETE FROM ${qualified('runs')}
        WHERE run = $1 AND $2 = (SELECT sum(changes) FROM ${qualified('writers')} WHERE run = $1)
        RETURNING run
      ), writers AS (DELETE FROM ${qualified('writers')} USING gone WHERE ${qualified('writers')}.run = gone.run)
      DELETE FROM ${qualified('lines')} USING gone WHERE ${qualified('lines')}.run = gone.run`,
  }
}

/**
 * Appends the lines of `writers` writers in one statement, each writer's lines as one text: splitting it costs the
 * server less than reading one value per line, and an array would need escaping. Without OFFSET 0 the text would be
 * split again for each line.
 */
const append = (qualified: (table: string) => string, writers: number): string => `
  WITH heard AS (
    INSERT INTO ${qualified('runs')} AS known (run, build, host) VALUES ($1, $2, $3)
    ON CONFLICT (run) DO UPDATE SET heard = greatest(known.heard, now())
  ), sent AS (
    SELECT writer, first + place::integer - 1 AS line, text
    FROM (VALUES (NULL::text, NULL::integer, NULL::text)${parts(writers)}) AS part (writer, first, body),
      LATERAL (SELECT string_to_array(body, E'\\n') AS split OFFSET 0) AS cut,
      LATERAL unnest(split) WITH ORDINALITY AS one (text, place)
    WHERE place < cardinality(split)
  ), added AS (
    INSERT INTO ${qualified('lines')} AS known (run, writer, line, text)
    SELECT $1, writer, line, text FROM sent ORDER BY writer, line
    ON CONFLICT (run, writer, line) DO UPDATE SET text = excluded.text WHERE length(excluded.text) > length(known.text)
    RETURNING writer, line
  )
  INSERT INTO ${qualified('writers')} AS known (run, writer, lines, changes)
  SELECT $1, writer, max(line), count(*) FROM added GROUP BY writer ORDER BY writer
  ON CONFLICT (run, writer) DO UPDATE
  SET lines = greatest(known.lines, excluded.lines), changes = known.changes + excluded.changes`

const parts = (writers: number): string =>
  Array.from({ length: writers }, (_, n) => `, ($${n * 3 + 4}, $${n * 3 + 5}, $${n * 3 + 6})`).join('')
