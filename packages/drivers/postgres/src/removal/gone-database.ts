/** The connection to a database that was dropped: its rows are gone with it. */
import {
  type ConnectContext,
  DustpanError,
  type RemovalOutcome,
  type StoreConnection,
  type StoreRef,
} from '@dustpan/core/driver'
import { each } from '@dustpan/core/rows'
import { endpointId, endpointOf, parseStoreId } from '../identity.ts'
import type { Settings } from '../options.ts'
import { isServerError } from '../pg.ts'
import { OwnClient } from './own-client.ts'

const gone: RemovalOutcome = { state: 'already-gone', result: 'its database is no more', expected: true }

/** Nothing can be restored there: that fails with the error of connecting. */
function goneDatabase(error: unknown): StoreConnection {
  const refuse = () => Promise.reject(error)
  return {
    remove: async (targets) => each(targets, gone),
    probe: async (targets) => new Map(targets.map(({ id }) => [id, 'absent'])),
    backup: async () => new Map(),
    putBack: refuse,
    restore: refuse,
    async [Symbol.asyncDispose]() {},
  }
}

/** Connects; to a database that no longer exists, the connection that says so. */
export async function connectUnlessGone(
  ...args: readonly [StoreRef, Settings, string, ConnectContext]
): Promise<OwnClient | StoreConnection> {
  try {
    return await OwnClient.connect(...args)
  } catch (error) {
    if (await isGone(error, ...args)) return goneDatabase(error)
    throw error
  }
}

/**
 * Whether connecting failed because the database no longer exists, or because another one has its name now. The server of
 * the record itself has to confirm it, queried by database oid: a renamed database, or one behind a wrong pooler name,
 * still exists.
 */
async function isGone(
  error: unknown,
  store: StoreRef,
  settings: Settings,
  root: string,
  ctx: ConnectContext,
): Promise<boolean> {
  const wanted = parseStoreId(store.id)
  const isUnknown = isUnknownDatabase(error)
  if (!isUnknown && !isWrongStore(error)) return false
  if (settings.url === undefined || wanted?.databaseOid === undefined) return false
  const url = endpointOf(settings.url)
  if ((isUnknown && url.database === wanted.database) || wanted.system === '-') return false
  try {
    await using client = await OwnClient.connect({ driver: store.driver, id: endpointId(url) }, settings, root, ctx)
    if (parseStoreId(client.answering)?.system !== wanted.system) return false
    const sql = 'SELECT FROM pg_catalog.pg_database WHERE oid = $1::oid'
    return (await client.rows(sql, [wanted.databaseOid], ctx.signal)).length === 0
  } catch {
    return false
  }
}

const isWrongStore = (error: unknown): boolean => error instanceof DustpanError && error.code === 'DUSTPAN_WRONG_STORE'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: invalid_catalog_name */
function isUnknownDatabase(error: unknown): boolean {
  return error instanceof DustpanError && isServerError(error.cause) && error.cause.code === '3D000'
}
