/** Opens the server of a store: with the instance's URL, otherwise through a captured client. */
import { type ConnectContext, DustpanError, messageOf, type StoreRef, withoutIdentity } from '@dustpan/core/driver'
import { clientAt } from '../capture/client-session.ts'
import { serverCode } from '../capture/rejection.ts'
import { type Place, parseStoreId, placeOf, sameAddress, sameStore, storeId } from '../identity.ts'
import { type Client, loadClickHouse } from '../library.ts'
import { type Server, serverOf } from '../sql/server.ts'

export interface OpenServer {
  readonly server: Server
  readonly store: string
  readonly database: string
}

const noDatabase = 81

/**
 * Undefined: the database no longer exists.
 * @throws DustpanError `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_WRONG_STORE`, `DUSTPAN_DRIVER_UNAVAILABLE`
 */
export async function openServer(
  store: StoreRef,
  url: string | undefined,
  root: string,
  { signal, guard }: ConnectContext,
): Promise<OpenServer | undefined> {
  const wanted = parseStoreId(store.id)
  if (!wanted) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a ClickHouse database`)
  const { client, isOwn } = clientFor(store, wanted, url, root, guard)
  const close = async () => {
    if (isOwn) await client.close()
  }
  try {
    const server = await serverOf(client, signal)
    const answering = { ...wanted, server: await server.id(wanted.database) }
    if (!sameStore(wanted, answering)) throw wrongStore(store, storeId(answering))
    return { server: { ...server, close }, store: storeId(answering), database: wanted.database }
  } catch (error) {
    await close()
    if (serverCode(error) === noDatabase) return undefined
    throw error instanceof DustpanError ? error : unreachable(store, error)
  }
}

function clientFor(
  store: StoreRef,
  wanted: Place,
  url: string | undefined,
  root: string,
  guard: ConnectContext['guard'],
): { client: Client; isOwn: boolean } {
  if (url !== undefined && sameAddress(placeOf(url), wanted)) {
    guard?.(addressIn(url, wanted.database))
    const log = { level: 127 } // off, or the client's log would mix with the runner's output
    return {
      client: loadClickHouse(root).createClient({
        url: urlFor(url),
        database: wanted.database,
        application: 'dustpan',
        log,
      }),
      isOwn: true,
    }
  }
  const captured = clientAt(wanted)
  if (captured) return { client: captured, isOwn: false }
  if (url !== undefined) throw wrongStore(store, storeId(placeOf(url)))
  throw new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The driver "${store.driver}" has no url, so ${store.id} can only be reached by the process that inserted the rows`,
    { hint: `Give it one: clickhouse({ name: '${store.driver}', url: env('CLICKHOUSE_URL') })` },
  )
}

/** Removes the path, which would name a database and take precedence over the wanted one. */
function urlFor(url: string): string {
  const parsed = new URL(url)
  parsed.pathname = '/'
  return parsed.href
}

/** The address with the user name, which store ids leave out. */
function addressIn(url: string, database: string): string {
  const parsed = new URL(url)
  parsed.password = ''
  parsed.search = ''
  parsed.pathname = `/${encodeURIComponent(database)}`
  return parsed.href
}

function wrongStore(store: StoreRef, answering: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The rows were inserted in ${store.id}, but the driver "${store.driver}" leads to ${answering}`,
    { hint: 'Point its url at the server of that run, or forget the records when that server is no more' },
  )
}

/** Codes for an unknown user or a wrong password. */
const loginErrors = new Set([192, 193, 194, 516])

function unreachable(store: StoreRef, error: unknown): DustpanError {
  const code = (error as { code?: unknown }).code
  const isLogin = loginErrors.has(serverCode(error) ?? 0)
  const message = `${withoutIdentity(store.id)} could not be reached: ${messageOf(error)}${code === undefined ? '' : ` (${code})`}`
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', message, {
    cause: error,
    ...(isLogin ? { hint: `Correct user and password in the url of the driver "${store.driver}"` } : {}),
  })
}
