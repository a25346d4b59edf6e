import {
  type ConnectContext,
  DustpanError,
  messageOf,
  type StoreRef,
  stoppedBy,
  withoutIdentity,
} from '@dustpan/core/driver'
import { clientLike } from '../capture/captured-clients.ts'
import { ownConnection } from '../capture/captured-query.ts'
import { endpointId, endpointOf, parseStoreId, sameServer, sameStore, storeId, withDatabase } from '../identity.ts'
import type { Settings } from '../options.ts'
import { loadPg, type PgClient } from '../pg.ts'
import { knownSystem, learnSystem, type Session, sessionSql, systemSql } from '../session.ts'
import { type Answer, exchange, type Sql, type Value } from './exchange.ts'
import { isUnshared, setLocally, setOwn } from './own-settings.ts'

/** The part of a connection that removal needs. */
export type StoreClient = Pick<OwnClient, 'store' | 'run' | 'rows'>

/** One connection of Dustpan's own to one store: not captured, and reopened after it breaks. */
export class OwnClient implements AsyncDisposable {
  readonly store: StoreRef
  readonly #createClient: () => PgClient
  #client: PgClient | undefined
  #answering: string
  /** A pooler shares the session with other clients: no setting of ours may stay in it. */
  #isShared = false
  #isInTransaction = false
  #isPglite = false

  private constructor(store: StoreRef, createClient: () => PgClient) {
    this.store = store
    this.#createClient = createClient
    this.#answering = store.id
  }

  /** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_WRONG_STORE`, `DUSTPAN_DRIVER_UNAVAILABLE` */
  static async connect(
    store: StoreRef,
    settings: Settings,
    root: string,
    { signal, guard }: ConnectContext,
  ): Promise<OwnClient> {
    const own = new OwnClient(store, () => {
      const client = clientFor(store, settings, root)
      guard?.(addressOf(client))
      return client
    })
    await own.#open(signal)
    return own
  }

  /** The full id of the store that answered. */
  get answering(): string {
    return this.#answering
  }

  /** Whether an open connection may keep all other clients out. */
  get blocksOthers(): boolean {
    return this.#isPglite
  }

  /** Runs statements together; aborting the signal breaks the connection. */
  async run(statements: readonly Sql[], signal: AbortSignal): Promise<readonly Answer[]> {
    const client = this.#client ?? (await this.#open(signal))
    return stoppedBy(signal, breaking(client), () =>
      this.#isShared ? exchange(client, statements.map(unnamed), () => this.#settings) : exchange(client, statements),
    )
  }

  /** The rows of one statement. */
  async rows(text: string, values: readonly Value[], signal: AbortSignal): Promise<Answer['rows']> {
    const [answer] = await this.run([{ text, values }], signal)
    return answer?.rows ?? []
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const client = this.#client
    this.#client = undefined
    await client?.end()
  }

  /** The statements to send first in a transaction that is about to begin. */
  get #settings(): readonly Sql[] {
    return this.#isInTransaction ? [] : [setLocally]
  }

  async #open(signal: AbortSignal): Promise<PgClient> {
    signal.throwIfAborted()
    const client = this.#createClient()
    Object.defineProperty(client, ownConnection, { value: true })
    const drop = () => {
      if (this.#client === client) this.#client = undefined
    }
    client.on('error', drop)
    client.on('end', drop)
    client.connection.prependListener('readyForQuery', ({ status }) => {
      this.#isInTransaction = status !== 'I'
    })
    await stoppedBy(signal, breaking(client), () => this.#handshake(client))
    this.#client = client
    return client
  }

  async #handshake(client: PgClient): Promise<void> {
    try {
      await client.connect()
      const [answer] = await exchange(client, [setOwn(client)])
      this.#isShared = !isUnshared(answer)
      const answering = await this.#identify(client)
      if (!sameStore(this.#answering, answering)) throw wrongStore(this.store, answering)
      this.#answering = answering
    } catch (error) {
      await client.end().catch(() => {})
      throw error instanceof DustpanError ? error : unreachable(this.store, error)
    }
  }

  async #identify(client: PgClient): Promise<string> {
    const session = await readJson<Session>(client, sessionSql)
    const system = knownSystem(session, client) ?? (await readJson<string>(client, systemSql))
    learnSystem(session, client, system)
    this.#isPglite = session.isPglite
    return storeId(client, { ...session, system })
  }
}

/** In a shared session, a named statement would stay prepared for the next client. */
const unnamed = ({ text, values }: Sql): Sql => ({ text, values })

const breaking = (client: PgClient) => () => client.connection.stream.destroy?.()

/** With the user name, which store ids do not include. */
function addressOf({ user, host, port, database }: PgClient): string {
  const [name, hostname, path] = [user, host, database].map((part) => encodeURIComponent(part ?? ''))
  return `postgres://${name}@${host.includes(':') ? `[${host}]` : hostname}:${port}/${path}`
}

async function readJson<T>(client: PgClient, text: string): Promise<T> {
  const [answer] = await exchange(client, [{ text, values: [] }])
  return JSON.parse(answer?.rows[0]?.[0] ?? 'null') as T
}

/**
 * Connects with the URL of the instance where it leads to the same server, else with the settings of the client that was
 * captured in this process.
 */
function clientFor(store: StoreRef, { url }: Settings, root: string): PgClient {
  const wanted = parseStoreId(store.id)
  if (!wanted) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a PostgreSQL database`)
  if (url !== undefined && sameServer(endpointOf(url), wanted)) {
    const { Client } = loadPg(root)
    return new Client({ connectionString: withDatabase(url, wanted.database), application_name: 'dustpan' })
  }
  const copy = clientLike(store.id, () => loadPg(root))
  if (copy) return copy
  if (url !== undefined) throw wrongStore(store, endpointId(endpointOf(url)))
  throw new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The driver "${store.driver}" has no url, so ${store.id} can only be reached by the process that created the rows`,
    {
      hint: `Give it one: postgres({ name: '${store.driver}', url: env('DATABASE_URL') })`,
    },
  )
}

function wrongStore(store: StoreRef, answering: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The rows were created in ${store.id}, but the driver "${store.driver}" leads to ${answering}`,
    {
      hint: 'Point its url at the database of that run, or forget the records when that database is no more',
    },
  )
}

function unreachable(store: StoreRef, error: unknown): DustpanError {
  const { code } = error as { code?: unknown }
  const message = `${withoutIdentity(store.id)} could not be reached: ${messageOf(error)}${typeof code === 'string' ? ` (${code})` : ''}`
  // https://www.postgresql.org/docs/current/errcodes-appendix.html: class 28, invalid authorization
  const hint = String(code).startsWith('28')
    ? `Correct the user name or the password in the url of the driver "${store.driver}"`
    : `Start the server, or correct the url of the driver "${store.driver}"; what is on record can be removed later`
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause: error, hint })
}
