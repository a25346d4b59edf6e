import { finished } from 'node:stream/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { testServer } from '@dustpan/conformance/servers/test-server'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { expect, test } from 'vitest'
import { capturedClient } from './captured-client.ts'

const table = `CREATE TABLE prices (id int PRIMARY KEY, latest bool DEFAULT true); INSERT INTO prices VALUES (1), (2);
  CREATE FUNCTION outdate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE prices SET latest = false WHERE id < 3; RETURN NULL; END $$;
  CREATE FUNCTION outdate_before() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE prices SET latest = false WHERE id = NEW.id - 10; RETURN NEW; END $$;
  CREATE TABLE audits (of int); CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audits VALUES (NEW.id); RETURN NULL; END $$;
  CREATE VIEW goods AS SELECT * FROM prices;
  CREATE FUNCTION outdate_goods() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE goods SET latest = false WHERE id < 3; RETURN NULL; END $$;
  CREATE FUNCTION merge_goods() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    DELETE FROM goods WHERE id > 10; UPDATE goods SET latest = false WHERE id < 3; RETURN NULL; END $$;
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.latest := true; RETURN NEW; END $$;`

const server = await testServer()

async function copy(client: pg.Client, statement: string, lines: string) {
  const stream = client.query(copyFrom(statement))
  stream.end(lines)
  await finished(stream)
}

test.each([
  { trigger: 'AFTER INSERT ON prices FOR EACH STATEMENT EXECUTE FUNCTION outdate()', keys: {} },
  { trigger: 'BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION outdate_before()', keys: {} },
  { trigger: 'BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION stamp()', keys: { prices: [11, 12] } },
  { trigger: 'AFTER INSERT ON prices FOR EACH ROW EXECUTE FUNCTION audit()', keys: { prices: [11, 12] } },
  { trigger: 'AFTER INSERT ON prices FOR EACH STATEMENT EXECUTE FUNCTION outdate_goods()', keys: {} },
  { trigger: 'AFTER INSERT ON prices FOR EACH STATEMENT EXECUTE FUNCTION merge_goods()', keys: {} },
  { trigger: 'AFTER UPDATE ON prices FOR EACH STATEMENT EXECUTE FUNCTION outdate()', keys: { prices: [11, 12] } },
])(
  'rows of COPY are tracked unless a trigger on INSERT updates the same table: $trigger',
  async ({ trigger, keys }) => {
    const sink = new RecordingSink('test')
    const client = await capturedClient(await server.database(`${table} CREATE TRIGGER g ${trigger}`), sink)
    await client.query('BEGIN')
    await copy(client, 'COPY prices (id) FROM STDIN', '11\n12\n')
    await client.query('COMMIT')
    expect(sink.keys()).toEqual(keys)
    expect(sink.warnings.map(({ code }) => code)).toEqual('prices' in keys ? [] : ['DUSTPAN_SQL_UNATTRIBUTED'])
    expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
  },
)

test('rows that the transaction updated before COPY are not tracked as copied rows', async () => {
  const sink = new RecordingSink('test')
  const client = await capturedClient(await server.database(`${table} INSERT INTO prices VALUES (3)`), sink)
  await client.query('BEGIN')
  for (const id of [1, 2, 3]) await client.query('UPDATE prices SET latest = false WHERE id = $1', [id])
  for (let round = 0; round < 3; round++)
    for (const query of ['SAVEPOINT s', 'UPDATE prices SET latest = true', 'ROLLBACK TO s']) await client.query(query)
  await copy(client, 'COPY prices (id) FROM STDIN', '11\n')
  await copy(client, 'COPY prices (id) FROM STDIN', '12\n13\n')
  await client.query('COMMIT')
  expect(sink.keys()).toEqual({ prices: [11, 12, 13] })
})

test('rows that COPY writes into partitions are tracked, and rows that the transaction moved are not', async () => {
  const sink = new RecordingSink('test')
  const partitioned = `CREATE TABLE e (id int PRIMARY KEY) PARTITION BY RANGE (id);
    CREATE TABLE e1 PARTITION OF e FOR VALUES FROM (0) TO (10); CREATE TABLE e2 PARTITION OF e FOR VALUES FROM (10) TO (100); INSERT INTO e VALUES (1), (2)`
  const client = await capturedClient(await server.database(partitioned), sink)
  await client.query('BEGIN')
  await client.query('UPDATE e SET id = 20 WHERE id = 2')
  await copy(client, 'COPY e FROM STDIN', '3\n30\n')
  await client.query('COMMIT')
  expect(sink.keys()).toEqual({ e: [3, 30] })
})

test('COPY by a role that may not read all columns warns, and does not abort the transaction', async () => {
  const sink = new RecordingSink('test')
  const role = `DO $$ BEGIN CREATE ROLE copier; EXCEPTION WHEN OTHERS THEN NULL; END $$;
    GRANT INSERT, SELECT (id) ON prices TO copier;`
  const client = await capturedClient(await server.database(`${table} ${role}`), sink)
  await client.query('SET ROLE copier')
  await client.query('BEGIN')
  await copy(client, 'COPY prices (id) FROM STDIN', '11\n')
  await client.query('SELECT 1')
  await client.query('COMMIT')
  expect(sink.keys()).toEqual({})
  expect(sink.warnings).toMatchObject([{ code: 'DUSTPAN_SQL_UNATTRIBUTED', subject: 'COPY prices' }])
})
