/** The shop of the suite for removal by predicate, in a ClickHouse database. */
import { dateOf, items, logs, otps, type PredicateWorld, shopIn, users } from '@dustpan/conformance/by-predicate'
import type { Server } from '@dustpan/conformance/servers'
import { askAt } from '../world.ts'

const schema = [
  'CREATE TABLE users (id UInt32, email String) ENGINE = MergeTree ORDER BY id',
  `CREATE TABLE items (id UInt32, name String, created_by UInt32, tags Array(String), test_run_id Nullable(String), made_at DateTime,
    is_active UInt8 DEFAULT 1, deleted_at Nullable(DateTime)) ENGINE = MergeTree ORDER BY id`,
  'CREATE TABLE otps (id UInt32, email String) ENGINE = MergeTree ORDER BY (email, id)',
  'CREATE TABLE activity (id UInt32, user_id UInt32) ENGINE = MergeTree ORDER BY id',
  'CREATE TABLE schema_migrations (id UInt32) ENGINE = MergeTree ORDER BY id',
  'CREATE VIEW named AS SELECT name, test_run_id FROM items',
]

export interface ClickHouseWorld extends PredicateWorld {
  ask(sql: string): Promise<string>
}

export async function clickhouseWorld(server: Server): Promise<ClickHouseWorld> {
  const url = await server.database()
  const ask = (sql: string) => askAt(url, sql)
  for (const statement of schema) await ask(statement)
  const fill = (table: string, rows: readonly object[]) =>
    ask(`INSERT INTO ${table} FORMAT JSONEachRow ${rows.map((row) => JSON.stringify(row)).join('\n')}`)
  await fill('users', users)
  await fill('otps', otps)
  await fill(
    'activity',
    logs.map(({ id, user }) => ({ id, user_id: user })),
  )
  await fill('items', items.map(itemRow))
  await fill('schema_migrations', [{ id: 1 }])
  const ids = async (table: string) =>
    (await ask(`SELECT id FROM ${table} ORDER BY id`))
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  return {
    ask,
    ...shopIn('@dustpan/clickhouse', { url }, ids),
    [Symbol.asyncDispose]: async () =>
      void (await askAt(`${new URL(url).origin}/`, `DROP DATABASE ${new URL(url).pathname.slice(1)}`)),
  }
}

function itemRow(item: (typeof items)[number]): object {
  const { id, name, tags } = item
  const madeAt = Math.floor(dateOf(item).getTime() / 1000)
  return { id, name, created_by: item.owner, tags, test_run_id: item.run, made_at: madeAt }
}
