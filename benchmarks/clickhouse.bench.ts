/** What does tracking cost an insert into ClickHouse, and what does it cost to remove rows? */
import type { ClickHouseClient } from '@clickhouse/client'
import { server as findServer, type Kind } from '@dustpan/conformance/servers'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

interface Library {
  createClient(config: object): ClickHouseClient
}

const unpatched = unpatchedCopy<Library>('@clickhouse/client')

/** On Debian's server and on the current engine, if available. */
for (const kind of ['clickhouse', 'chdb'] as const) await measure(kind)

async function measure(kind: Extract<Kind, 'clickhouse' | 'chdb'>): Promise<void> {
  const found = await findServer(kind)
  if ('missing' in found) return console.log(`${kind}: ${found.missing}`)
  await using server = found
  const url = await server.database(
    'CREATE TABLE events (id UInt64, at DateTime, name String) ENGINE = MergeTree ORDER BY id',
  )
  await using bench = await benchSession({ drivers: [{ use: '@dustpan/clickhouse', name: 'main', options: { url } }] })
  const bare = unpatched.createClient({ url })
  const tracked = load<Library>('@clickhouse/client').createClient({ url })
  const settings = { server: server.product, '@clickhouse/client': 1 }
  const isOld = kind === 'clickhouse' && Number(server.version.split('.')[0]) < 23

  let ids = 0
  const rows = (n: number) => Array.from({ length: n }, () => ({ id: ++ids, at: 1_700_000_000, name: 'signed up' }))
  const insert = async (client: ClickHouseClient, n: number) => {
    const values = rows(n)
    await client.insert({ table: 'events', values, format: 'JSONEachRow' })
    return values.map(({ id }) => id)
  }
  await insert(bare, 1000)

  async function capture(name: string, calls: number, n: number): Promise<void> {
    await compareCaptured({
      name: `${kind}-insert-${name}`,
      question: `insert of ${n === 1 ? '1 row' : `${n} rows`} by client.insert`,
      ...{ calls, rounds: 15, warmups: 3, settings, bench },
      bare: () => insert(bare, n),
      tracked: () => insert(tracked, n),
    })
  }

  /** The best handwritten way: one statement, waiting as the server supports it. */
  async function removeByHand(keys: readonly number[]): Promise<void> {
    const where = `id IN (${keys.join()})`
    if (!isOld) return void (await bare.command({ query: `DELETE FROM events WHERE ${where}` }))
    await bare.command({ query: `ALTER TABLE events DELETE WHERE ${where}` })
    await over()
  }

  async function over(): Promise<void> {
    const query = `SELECT count() AS n FROM system.mutations WHERE table = 'events' AND is_done = 0`
    for (;;) {
      const [row] = await (await bare.query({ query, format: 'JSONEachRow' })).json<{ n: string }>()
      if (Number(row?.n) === 0) return
    }
  }

  async function removal(n: number, rounds: number): Promise<void> {
    await compareRemoved({
      name: `${kind}-removal-${n}`,
      question: `${n} rows of one table`,
      ...{ n, rounds, warmups: 3, settings, bench },
      bare: () => insert(bare, n),
      tracked: () => insert(tracked, n),
      byHand: { name: 'one statement by hand, waited for', run: removeByHand },
      loop:
        n > 10
          ? undefined
          : {
              name: 'loop of a statement for each row',
              run: async (keys) => {
                for (const id of keys) await removeByHand([id])
              },
            },
    })
  }

  await capture('one', 20, 1)
  await capture('many', 3, 1000)
  await removal(10, 9)
  await removal(100, 9)
  await removal(1_000, 9)
  await removal(10_000, 5)
  await Promise.all([bare.close(), tracked.close()])
}
