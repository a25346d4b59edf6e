import { type ConnectContext, DustpanError, messageOf, type StoreRef } from '@dustpan/core/driver'
import { type Address, parseAddress, sameServer, sameStore, storeId, storeOf, withDatabase } from '../identity.ts'
import { type Database, type Ejson, loadMongo, type MongoClient } from '../mongo.ts'
import type { Settings } from '../options.ts'
import { copyClient, markOwn } from '../own-clients.ts'

/** A database to remove documents from, with a client of our own. */
export interface OwnClient extends AsyncDisposable {
  readonly database: Database
  readonly ejson: Ejson
  /** The id of the store that answered. */
  readonly store: string
  /** The driver's name, for messages. */
  readonly driver: string
}

/** @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_WRONG_STORE`, `DUSTPAN_DRIVER_UNAVAILABLE` */
export async function connectOwn(
  store: StoreRef,
  { url }: Settings,
  root: string,
  { signal, guard }: ConnectContext,
): Promise<OwnClient> {
  signal.throwIfAborted()
  const wanted = parseAddress(store.id)
  if (!wanted) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a MongoDB database`)
  const { client, ejson = loadMongo(root).BSON.EJSON } = clientFor(store, wanted, url, root)
  if (url === undefined) guard?.(addressOf(client, wanted))
  const onAbort = () => void client.close().catch(() => {})
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await client.connect()
    await client.db(wanted.database).command({ ping: 1 })
    const answering = storeOf(client, wanted.database) ?? store.id
    if (!sameStore(wanted, parseAddress(answering) as Address)) throw wrongStore(store, answering)
    return {
      database: client.db(wanted.database),
      ejson,
      store: wanted.srv ? answering : store.id,
      driver: store.driver,
      [Symbol.asyncDispose]: async () => void (await client.close()),
    }
  } catch (error) {
    await client.close().catch(() => {})
    throw error instanceof DustpanError ? error : unreachable(store, error)
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Gives up on an unreachable server sooner than the client's default of 30 seconds. */
const ownOptions = { appName: 'dustpan', maxPoolSize: 2, serverSelectionTimeoutMS: 2_000 }

/** Uses the instance's URL if it is the same server, otherwise the settings of a client that was captured in this process. */
function clientFor(store: StoreRef, wanted: Address, url: string | undefined, root: string): OpenedClient {
  const own = url === undefined ? undefined : parseAddress(url)
  if (url !== undefined && own && sameServer(own, wanted)) {
    const { MongoClient, BSON } = loadMongo(root)
    return { client: markOwn(new MongoClient(withDatabase(url, wanted.database), ownOptions)), ejson: BSON.EJSON }
  }
  const copy = copyClient(store.id, ownOptions)
  if (copy) return copy
  if (own) throw wrongStore(store, storeId(own))
  throw new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The driver "${store.driver}" has no url, so ${store.id} can only be reached by the process that created the documents`,
    { hint: `Give it one: mongodb({ name: '${store.driver}', url: env('MONGODB_URL') })` },
  )
}

type OpenedClient = NonNullable<ReturnType<typeof copyClient>>

/** The address with the user name, which store ids leave out. */
function addressOf({ options }: MongoClient, wanted: Address): string {
  const { username } = options?.credentials ?? {}
  const id = storeId(wanted)
  return username === undefined ? id : id.replace('://', `://${encodeURIComponent(username)}@`)
}

function wrongStore(store: StoreRef, answering: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The documents were created in ${store.id}, but the driver "${store.driver}" leads to ${answering}`,
    { hint: 'Point its url at the database of that run, or forget the records when that database is no more' },
  )
}

function unreachable(store: StoreRef, cause: unknown): DustpanError {
  const hint = isDenied(cause)
    ? `Correct user and password in the url of the driver "${store.driver}"`
    : `Start the server, or correct the url of the driver "${store.driver}"`
  const message = `${store.id} could not be reached: ${messageOf(cause)}`
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, { cause, hint })
}

/** Whether the server refused the login. */
function isDenied(error: unknown): boolean {
  const { code, message } = (error ?? {}) as { readonly code?: unknown; readonly message?: unknown }
  return code === 18 || code === 13 || /auth/i.test(String(message))
}
