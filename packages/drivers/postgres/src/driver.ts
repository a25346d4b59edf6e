import { type CreateDriver, type Driver, ofSupported, type RemovalContext, withoutIdentity } from '@dustpan/core/driver'
import { beyondMarking, storeOfHandTracked } from '@dustpan/core/rows'
import { announceIn } from './application/announce-in.ts'
import { applicationLog } from './application/application-log.ts'
import { CollectingConnection } from './application/collecting-connection.ts'
import { type LogOptions, logOptionsOf } from './application/installation.ts'
import { restoredTables } from './application/restored-tables.ts'
import { capabilities } from './capabilities.ts'
import { capturedStores } from './capture/captured-clients.ts'
import { pgInstrument } from './capture/instrument.ts'
import { postgresJsInstrument } from './capture/postgres-js/instrument.ts'
import { databaseOf, endpointId, endpointOf, parseStoreId, sameServer } from './identity.ts'
import { metadataMigration } from './migration/metadata-migration.ts'
import { typeOf } from './names.ts'
import { checkOptions, type Settings } from './options.ts'
import { pgLibrary, postgresJsLibrary } from './pg.ts'
import { byPredicate } from './predicate/by-predicate.ts'
import type { PredicateStore } from './predicate/store.ts'
import { PostgresConnection } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { connectUnlessGone } from './removal/gone-database.ts'
import { OwnClient } from './removal/own-client.ts'
import { resolving } from './removal/resolve.ts'
import { filesIn } from './removal/row-files.ts'
import { softDeletion, tableNameOf } from './removal/soft-deletion.ts'
import { removalOf } from './removal/spec.ts'

/** Creates the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on wrong options. */
export const createDriver: CreateDriver = (name, options, { root, environment, profile }): Driver => {
  const settings = checkOptions(name, options, root)
  const softDelete = softDeletion(name, settings, environment, profile)
  const setFor: PredicateStore['setFor'] = ({ deletion }, table) => {
    const override = deletion && softDeletion(name, { ...settings, deletion }, environment)
    return (override ?? softDelete)({ driver: name, op: 'delete-row', v: 1, args: {} }, table)
  }
  const files = (warn: RemovalContext['warn']) => filesIn(settings, root, warn)
  const serves: Serves = (store) => servedBy(settings, store.id)
  const leadsTo: Serves = (store) => leadsStraightTo(settings, store.id)
  const restores = restoredTables(settings)
  const rules = { serves, leadsTo, ignoreTables: settings.ignoreTables ?? [], names: restores !== undefined }
  const logOptions = logOptionsOf(settings, environment)
  return {
    name,
    capabilities,
    instruments:
      settings.capture === false
        ? []
        : [
            ofSupported(pgLibrary, pgInstrument(rules), root),
            ofSupported(postgresJsLibrary, postgresJsInstrument(rules), root),
          ],
    serves,
    leadsTo,
    identity: ({ id }) => databaseOf(id),
    ownStore: () => (settings.url === undefined ? undefined : endpointId(endpointOf(settings.url))),
    collects: settings.application !== undefined && settings.application !== false,
    announce: (store, who, ctx) => announceIn(() => OwnClient.connect(store, settings, root, ctx), who, ctx.signal),
    resolves: true,
    ...logOf(name, settings, root, logOptions),
    ...(settings.url === undefined ? {} : { migration: metadataMigration(name, settings.url, settings, root) }),
    async connect(store, ctx) {
      const client = await connectUnlessGone(store, settings, root, ctx)
      if (!(client instanceof OwnClient)) return client
      const args = [name, client, softDelete, files, logOptions.unattributed] as const
      const connection = settings.application
        ? new CollectingConnection([...args], logOptions, restores)
        : new PostgresConnection(...args)
      const predicateStore = { driver: name, client, settings, setFor }
      const transient = client.blocksOthers || !leadsTo(store)
      return Object.assign(connection, { transient }, byPredicate(predicateStore, files), resolving(predicateStore))
    },
    removal: (spec) => ({
      removal: removalOf(name, spec),
      store: { driver: name, id: storeOfRow(name, settings, serves) },
    }),
    typeOf: (removal) => (removal.op === 'sql' ? undefined : typeOf(tableNameOf(removal))),
    ...(profile?.deletion === 'soft-only' ? { refuses: beyondMarking(softDelete, environment, tableNameOf) } : {}),
    describe: (removal, key) => describe(removal, key, softDelete),
  }
}

/** Without a URL the database to install the log in is unknown. */
function logOf(driver: string, settings: Settings, root: string, options: LogOptions): Pick<Driver, 'application'> {
  if (settings.url === undefined) return {}
  const id = endpointId(endpointOf(settings.url))
  return { application: applicationLog(id, (ctx) => OwnClient.connect({ driver, id }, settings, root, ctx), options) }
}

type Serves = (store: { readonly id: string }) => boolean

/** Whether the store is on the same server, whatever the database and user. Without a URL, any server matches. */
function servedBy({ url }: Settings, id: string): boolean {
  const store = parseStoreId(id)
  return store !== undefined && (url === undefined || sameServer(endpointOf(url), store))
}

function leadsStraightTo({ url }: Settings, id: string): boolean {
  return url !== undefined && endpointId(endpointOf(url)) === withoutIdentity(id)
}

function storeOfRow(driver: string, { url }: Settings, serves: Serves): string {
  const wanted = url === undefined ? undefined : endpointId(endpointOf(url))
  const captured = capturedStores().filter(
    (id) => serves({ id }) && (wanted === undefined || withoutIdentity(id) === wanted),
  )
  const words = { driver, factory: 'postgres', store: 'database', resource: 'row', variable: 'DATABASE_URL' }
  return storeOfHandTracked(captured, wanted, words)
}
