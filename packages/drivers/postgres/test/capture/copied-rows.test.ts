import { finished } from 'node:stream/promises'
import { RecordingSink } from '@dustpan/conformance/capture'
import { type Server, startServer } from '@dustpan/conformance/servers'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'

const table = `CREATE TABLE prices (id int PRIMARY KEY, latest bool DEFAULT true); INSERT INTO prices VALUES (1), (2);
  CREATE FUNCTION outdate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE prices SET latest = false WHERE id < 3; RETURN NULL; END $$;
  CREATE FUNCTION outdate_before() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE prices SET latest = false WHERE id = NEW.id - 10; RETURN NEW; END $$;
  CREATE TABLE audits (of int); CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO audits VALUES (NEW.id); RETURN NULL; END $$;
  CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.latest := true; RETURN NEW; END $$;`

let server: Server

beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server[Symbol.asyncDispose]())

test.each([
  { trigger: 'AFTER INSERT ON prices FOR EACH STATEMENT EXECUTE FUNCTION outdate()', keys: {} },
  { trigger: 'BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION outdate_before()', keys: {} },
  { trigger: 'BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION stamp()', keys: { prices: [11, 12] } },
  { trigger: 'AFTER INSERT ON prices FOR EACH ROW EXECUTE FUNCTION audit()', keys: { prices: [11, 12] } },
  { trigger: 'AFTER UPDATE ON prices FOR EACH STATEMENT EXECUTE FUNCTION outdate()', keys: { prices: [11, 12] } },
])('COPY into a table with a trigger $trigger', async ({ trigger, keys }) => {
  const sink = new RecordingSink('test')
  const client = new pg.Client(await server.database(`${table} CREATE TRIGGER g ${trigger}`))
  await client.connect()
  const installed = pgInstrument({ serves: () => true, ignoreTables: [] }).install(pg, sink)
  onTestFinished(async () => {
    installed[Symbol.dispose]()
    await client.end()
  })
  await client.query('BEGIN')
  const stream = client.query(copyFrom('COPY prices (id) FROM STDIN'))
  stream.end('11\n12\n')
  await finished(stream)
  await client.query('COMMIT')
  expect(sink.keys()).toEqual(keys)
  expect(sink.warnings.map(({ code }) => code)).toEqual('prices' in keys ? [] : ['DUSTPAN_SQL_UNATTRIBUTED'])
  expect(sink.intents.filter(({ outcome }) => outcome === 'open')).toEqual([])
})
