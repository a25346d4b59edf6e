/** Opens the key space of a store, with the credentials of the instance's URL or of a captured client. */
import { type ConnectContext, DustpanError, messageOf, type StoreRef } from '@dustpan/core/driver'
import { addressOf, type Endpoint, type Place, parseStoreId, placeOf, sharesNode } from '../identity.ts'
import type { Settings } from '../options.ts'
import { KeySpace } from '../server/key-space.ts'
import type { Access } from '../server/server.ts'
import { adviceOn } from './outcomes.ts'
import { accessFromUrl, accessOfClient } from './settings.ts'

/** @throws DustpanError `DUSTPAN_WRONG_STORE`, `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_HOST_REFUSED` */
export async function openSpace(
  store: StoreRef,
  settings: Settings,
  { signal, guard }: ConnectContext,
): Promise<KeySpace> {
  const place = parseStoreId(store.id)
  if (!place) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a Redis key space`)
  const credentials = credentialsFor(store, place, settings)
  const access = (node: Endpoint): Access => {
    guard?.(guardUrl(node, credentials.username, place.database))
    return { ...credentials, ...node }
  }
  try {
    return await KeySpace.open(place, access, signal)
  } catch (error) {
    throw error instanceof DustpanError ? error : unreachable(store, error)
  }
}

function credentialsFor(
  store: StoreRef,
  place: Place,
  { url, cluster = false }: Settings,
): Omit<Access, 'host' | 'port'> {
  if (url !== undefined && sharesNode(placeOf(url, cluster), place)) return accessFromUrl(url)
  const captured = accessOfClient(place.nodes)
  if (captured) return captured
  if (url !== undefined) throw wrongStore(store, placeOf(url, cluster))
  throw new DustpanError(
    'DUSTPAN_STORE_UNREACHABLE',
    `The driver "${store.driver}" has no url, so ${store.id} can only be reached by the process that created the keys`,
    { hint: `Give it one: redis({ name: '${store.driver}', url: env('REDIS_URL') })` },
  )
}

function guardUrl(node: Endpoint, username: string | undefined, database: number): string {
  const user = username === undefined ? '' : `${encodeURIComponent(username)}@`
  return `redis://${user}${addressOf(node)}/${database}`
}

function wrongStore({ id, driver }: StoreRef, { nodes: [node] }: Place): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `The keys were created in ${id}, but the driver "${driver}" leads to ${node ? addressOf(node) : 'nothing'}`,
    { hint: 'Point its url at the server of that run, or forget the records when that server is no more' },
  )
}

function unreachable({ id }: StoreRef, error: unknown): DustpanError {
  const code = (error as { code?: unknown }).code
  const reason = `${messageOf(error)}${typeof code === 'string' ? ` (${code})` : ''}`
  const hint = adviceOn(error)?.hint
  return new DustpanError('DUSTPAN_STORE_UNREACHABLE', `${id} could not be reached: ${reason}`, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  })
}
