/** What does tracking cost an insert into MariaDB and MySQL, and what does it cost to remove rows? */
import { server as findServer, type Kind } from '@dustpan/conformance/servers'
import type { createConnection } from 'mysql2'
import type { Connection, ResultSetHeader } from 'mysql2/promise'
import { compareCaptured } from './captured.ts'
import { compareRemoved } from './removed.ts'
import { benchSession } from './session.ts'
import { load, unpatchedCopy } from './two-copies.ts'

interface Library {
  readonly createConnection: typeof createConnection
}

const unpatched = unpatchedCopy<Library>('mysql2')
/** The default, which test servers change. */
const durable = '--innodb-flush-log-at-trx-commit=1'
const schema = `CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255), name VARCHAR(255));
INSERT INTO users (name) VALUES ${listed(1000, "('other people')")}`

for (const kind of ['mariadb', 'mysql'] as const) await measure(kind)

async function measure(kind: Extract<Kind, 'mariadb' | 'mysql'>): Promise<void> {
  const found = await findServer(kind, { flags: [durable] })
  if ('missing' in found) return console.log(`${kind}: ${found.missing}`)
  await using server = found
  const url = await server.database(schema)
  await using bench = await benchSession({ drivers: [{ use: '@dustpan/mysql', name: 'main', options: { url } }] })
  const bare = unpatched.createConnection(url).promise()
  const tracked = load<Library>('mysql2').createConnection(url).promise()
  const settings = { server: server.product, mysql2: 3, innodb_flush_log_at_trx_commit: 1, seedRows: 1000 }

  async function capture(name: string, question: string, insert: (client: Connection) => Promise<unknown>) {
    await compareCaptured({
      name: `${kind}-insert-${name}`,
      question,
      ...{ calls: 200, rounds: 25, warmups: 5, settings, bench },
      bare: () => insert(bare),
      tracked: () => insert(tracked),
    })
  }

  async function removal(n: number, rounds: number): Promise<void> {
    await compareRemoved({
      name: `${kind}-removal-${n}`,
      question: `${n} rows of one table`,
      ...{ n, rounds, warmups: 10, settings, bench },
      bare: () => fill(bare, n),
      tracked: () => fill(tracked, n),
      byHand: {
        name: 'DELETE … IN (?) by hand',
        run: (keys) => bare.query('DELETE FROM users WHERE id IN (?)', [keys]),
      },
      loop: {
        name: 'loop of DELETE id = ?',
        run: async (keys) => {
          for (const key of keys) await bare.execute('DELETE FROM users WHERE id = ?', [key])
        },
      },
    })
  }

  const sql = 'INSERT INTO users (email, name) VALUES (?, ?)'
  let emails = 0
  const row = () => [`${++emails}@example.com`, 'name']
  await capture('query', 'insert by query()', (client) => client.query(sql, row()))
  await capture('execute', 'insert by execute()', (client) => client.execute(sql, row()))
  await removal(10, 30)
  await removal(100, 30)
  await removal(1_000, 15)
  await removal(10_000, 5)
  await Promise.all([bare.end(), tracked.end()])
}

/** Inserts rows, whose keys are consecutive. */
async function fill(client: Connection, n: number): Promise<readonly number[]> {
  const [{ insertId }] = await client.query<ResultSetHeader>(`INSERT INTO users (name) VALUES ${listed(n, "('mine')")}`)
  return Array.from({ length: n }, (_, index) => insertId + index)
}

function listed(n: number, row: string): string {
  return Array.from({ length: n }, () => row).join()
}
