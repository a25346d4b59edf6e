import { RecordingSink } from '@dustpan/conformance/capture'
import { once, type Server, startServer } from '@dustpan/conformance/servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { pgInstrument } from '../../src/capture/instrument.ts'
import { inTransaction, type TestTransaction } from '../../src/index.ts'

let server: Server
let url: string
let pool: pg.Pool
let transaction: TestTransaction

beforeAll(async () => {
  server = await startServer()
  url = await server.database(`CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, boss int);
    ALTER TABLE users ADD CONSTRAINT boss FOREIGN KEY (boss) REFERENCES users DEFERRABLE INITIALLY DEFERRED;
    CREATE TABLE notes (text text);
    CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO notes VALUES (NEW.name); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER later AFTER INSERT ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION note();
    INSERT INTO users (name) VALUES ('seed')`)
  pool = new pg.Pool({ connectionString: url, max: 2 })
})
afterAll(async () => {
  await pool.end()
  await server[Symbol.asyncDispose]()
})
beforeEach(async () => {
  transaction = await inTransaction(pool)
})
afterEach(() => transaction.rollback())

const names = async (from: { query(sql: string): Promise<pg.QueryResult> } = pool) =>
  (await from.query('SELECT name FROM users ORDER BY name')).rows.map(({ name }) => name)
const outside = async () => (await once(url, 'SELECT name FROM users ORDER BY name')).rows.map(({ name }) => name)
const add = (name: string, to: pg.Pool | pg.PoolClient | pg.Client = pool) =>
  to.query('INSERT INTO users (name) VALUES ($1)', [name])

describe('a pool', () => {
  test('changes are visible only to the pool of the test, and undone by rollback()', async () => {
    await add('a')
    expect(await names()).toEqual(['a', 'seed'])
    expect(await outside()).toEqual(['seed'])
    await transaction.rollback()
    expect(await names()).toEqual(['seed'])
    await transaction.rollback()
  })

  test('a statement that fails undoes only itself, and the next one succeeds', async () => {
    await add('a')
    await expect(add('a')).rejects.toMatchObject({ code: '23505' })
    await add('b')
    expect(await names()).toEqual(['a', 'b', 'seed'])
  })

  test('transactions of the code under test commit and roll back inside that of the test', async () => {
    await inTx(async (client) => add('kept', client))
    await expect(
      inTx(async (client) => {
        await add('undone', client)
        throw new Error('no')
      }),
    ).rejects.toThrow('no')
    expect(await names()).toEqual(['kept', 'seed'])
    expect(await outside()).toEqual(['seed'])
  })

  test('an error aborts the transaction of the code under test, and its COMMIT then rolls back', async () => {
    const client = await pool.connect()
    await client.query('BEGIN')
    await add('a', client)
    await expect(add('a', client)).rejects.toMatchObject({ code: '23505' })
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' })
    await client.query('COMMIT')
    client.release()
    expect(await names()).toEqual(['seed'])
  })

  test('the code under test can use savepoints', async () => {
    const client = await pool.connect()
    await client.query('START TRANSACTION')
    await add('a', client)
    await client.query('SAVEPOINT mine')
    await expect(add('a', client)).rejects.toMatchObject({ code: '23505' })
    await client.query('ROLLBACK TO mine')
    await add('b', client)
    await client.query('RELEASE mine')
    await client.query('END')
    client.release()
    expect(await names()).toEqual(['a', 'b', 'seed'])
  })

  test('concurrent transactions wait for each other, and one that rolls back does not affect the others', async () => {
    await Promise.all([
      inTx(async (client) => {
        await add('a', client)
        await names(client)
        await add('b', client)
      }),
      inTx(async (client) => {
        await add('c', client)
        throw new Error('no')
      }).catch(() => {}),
      ...['d', 'e', 'f'].map((name) => inTx((client) => add(name, client))),
    ])
    expect(await names()).toEqual(['a', 'b', 'd', 'e', 'f', 'seed'])
  })

  test('more clients than the pool has can be used at once', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, i) => add(`n${i}`)))
    const clients = await Promise.all([pool.connect(), pool.connect(), pool.connect(), pool.connect()])
    for (const client of clients) client.release()
    expect(await names()).toHaveLength(31)
  })

  test('a client can send queries while another client has a transaction open', async () => {
    await inTx(async (client) => {
      await add('a', client)
      await add('b')
      await expect(add('b')).rejects.toMatchObject({ code: '23505' })
      await add('c', client)
    })
    expect(await names()).toEqual(['a', 'b', 'c', 'seed'])
  })

  test('a transaction begun inside that of another client rejects with DUSTPAN_TRANSACTION_BLOCKED', async () => {
    const nested = inTx(() => inTx(async () => {}))
    await expect(nested).rejects.toMatchObject({ code: 'DUSTPAN_TRANSACTION_BLOCKED' })
  })

  test('the open transaction of a released client is rolled back', async () => {
    const client = await pool.connect()
    await client.query('BEGIN')
    await add('a', client)
    client.release()
    expect(await names()).toEqual(['seed'])
  })

  test('callbacks, config objects and several statements in one text are supported', async () => {
    await new Promise<void>((resolve, reject) => {
      pool.connect((error, client, done) => {
        if (error || !client) return reject(error)
        client.query({ text: 'INSERT INTO users (name) VALUES ($1)', values: ['a'] }, (failure) => {
          done()
          if (failure) reject(failure)
          else resolve()
        })
      })
    })
    await new Promise<void>((resolve) => pool.query('SELECT 1', [], () => resolve()))
    const results = (await pool.query(
      `BEGIN; INSERT INTO users (name) VALUES ('b'); SELECT 1 AS one; COMMIT`,
    )) as unknown as pg.QueryResult[]
    expect(results.map(({ rowCount }) => rowCount)[1]).toBe(1)
    expect(results[2]?.rows).toEqual([{ one: 1 }])
    expect(results).toHaveLength(4)
    await expect(
      pool.query(`BEGIN; INSERT INTO users (name) VALUES ('c'); INSERT INTO users (name) VALUES ('c'); COMMIT`),
    ).rejects.toMatchObject({ code: '23505' })
    expect(await names()).toEqual(['a', 'b', 'seed'])
  })

  test('BEGIN, COMMIT and ROLLBACK return their own command, even if there is nothing to do', async () => {
    const client = await pool.connect()
    const commands = []
    for (const sql of ['ROLLBACK', 'BEGIN', 'BEGIN', 'COMMIT', 'COMMIT'])
      commands.push((await client.query(sql)).command)
    client.release()
    expect(commands).toEqual(['ROLLBACK', 'BEGIN', 'BEGIN', 'COMMIT', 'COMMIT'])
  })

  test('a deferred constraint is checked at COMMIT, or after a statement outside a transaction', async () => {
    const sql = `INSERT INTO users (name, boss) VALUES ('orphan', 999)`
    await expect(pool.query(sql)).rejects.toMatchObject({ code: '23503' })
    const client = await pool.connect()
    await client.query('BEGIN')
    await client.query(sql)
    await expect(client.query('COMMIT')).rejects.toMatchObject({ code: '23503' })
    client.release()
    expect(await names()).toEqual(['seed'])
  })

  test('a deferred constraint may be violated until COMMIT', async () => {
    const later = `INSERT INTO users (id, name, boss) VALUES (101, 'b', 102)`
    for (const id of [102, 103]) {
      await inTx(async (client) => {
        await client.query(
          later
            .replace('101', String(id + 100))
            .replace(`'b'`, `'child ${id}'`)
            .replace(/102\)$/, `${id})`),
        )
        await client.query('INSERT INTO users (id, name) VALUES ($1, $2)', [id, `parent ${id}`])
      })
    }
    expect(await names()).toEqual(['child 102', 'child 103', 'parent 102', 'parent 103', 'seed'])
  })

  test('deferred triggers run when the code under test commits', async () => {
    await inTx((client) => add('a', client))
    await add('b')
    expect((await pool.query('SELECT text FROM notes')).rows).toEqual(['seed', 'a', 'b'].map((text) => ({ text })))
  })

  test('PREPARE TRANSACTION is refused', async () => {
    await expect(inTx((client) => client.query(`PREPARE TRANSACTION 'x'`))).rejects.toThrow(
      'PREPARE TRANSACTION is not possible',
    )
  })

  test('a client rejects queries after the transaction of the test is over', async () => {
    const client = await pool.connect()
    await transaction.rollback()
    await expect(client.query('SELECT 1')).rejects.toThrow('The transaction of the test is over')
    client.release()
  })

  test('rows inserted in the transaction of the test are not recorded, and rows inserted after it are', async () => {
    const sink = new RecordingSink()
    using _installed = pgInstrument({ serves: () => true, leadsTo: () => true, ignoreTables: [] }).install(pg, sink)
    await sink.run('test', async () => {
      await add('a')
      expect(sink.intents).toEqual([])
      await transaction.rollback()
      await add('after')
    })
    expect(sink.intents).toMatchObject([{ type: 'users', outcome: 'created' }])
    await pool.query(`DELETE FROM users WHERE name = 'after'`)
  })

  test('inTransaction() is refused for a pool that is already in one', async () => {
    await expect(inTransaction(pool)).rejects.toMatchObject({ code: 'DUSTPAN_INVALID_ARGUMENT' })
  })
})

describe('a client', () => {
  test('works like a pool, and has its own query() again afterwards', async () => {
    const client = new pg.Client(url)
    await client.connect()
    const { query } = client
    {
      await using _transaction = await inTransaction(client)
      await client.query('BEGIN')
      await add('a', client)
      await client.query('COMMIT')
      await expect(add('a', client)).rejects.toMatchObject({ code: '23505' })
      expect(await names(client)).toEqual(['a', 'seed'])
    }
    expect(client.query).toBe(query)
    expect(await names(client)).toEqual(['seed'])
    await client.end()
  })

  test('anything but a client or a pool is refused', async () => {
    await expect(inTransaction({})).rejects.toThrow('expected a Client or Pool of pg, got object')
  })

  test('a pool whose server is unreachable rejects with ECONNREFUSED each time', async () => {
    const lost = new pg.Pool({ connectionString: 'postgres://localhost:1/x' })
    await expect(inTransaction(lost)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await expect(inTransaction(lost)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    await lost.end()
  })
})

async function inTx<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    return result
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
}
