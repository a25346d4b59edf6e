import {
  type CreateDriver,
  type Driver,
  ofSupported,
  type Removal,
  type RemovalContext,
  withoutIdentity,
} from '@dustpan/core/driver'
import { beyondMarking, type RowArgs, storeOfHandTracked } from '@dustpan/core/rows'
import { capabilities } from './capabilities.ts'
import { capturedStores } from './capture/captured-clients.ts'
import { mysqlInstrument } from './capture/instrument.ts'
import { databaseOf, endpointId, endpointOf, parseStoreId, sameServer } from './identity.ts'
import { metadataMigration } from './migration/metadata-migration.ts'
import { library } from './mysql2.ts'
import { readableTable } from './names.ts'
import { checkOptions, type Settings } from './options.ts'
import { byPredicate } from './predicate/by-predicate.ts'
import type { PredicateStore } from './predicate/store.ts'
import { MysqlConnection } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { OwnClient } from './removal/own-client.ts'
import { resolving } from './removal/resolve.ts'
import { filesIn } from './removal/row-files.ts'
import { softDeletion } from './removal/soft-deletion.ts'
import { removalOf } from './removal/spec.ts'

/** Creates the driver for one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` for wrong options. */
export const createDriver: CreateDriver = (name, options, { root, environment, profile }): Driver => {
  const settings = checkOptions(name, options, root)
  const own = settings.url === undefined ? undefined : endpointOf(settings.url)
  const softDeleteIn = (database: string | undefined) => softDeletion(name, settings, database, environment, profile)
  const softDelete = softDeleteIn(own?.database)
  const serves: Serves = (store) => servedBy(settings, store.id)
  const leadsTo: Serves = ({ id }) => own !== undefined && endpointId(own) === withoutIdentity(id)
  const rules = { serves, leadsTo, ignoreTables: settings.ignoreTables ?? [] }
  return {
    name,
    capabilities,
    instruments: settings.capture === false ? [] : [ofSupported(library, mysqlInstrument(rules), root)],
    serves,
    leadsTo,
    identity: ({ id }) => databaseOf(id),
    resolves: true,
    ownStore: () => (own === undefined ? undefined : endpointId(own)),
    ...(settings.url === undefined ? {} : { migration: metadataMigration(name, settings.url, settings, root) }),
    async connect(store, ctx) {
      const client = await OwnClient.connect(store, settings, root, ctx)
      const { database } = client.session
      const files = (warn: RemovalContext['warn']) => filesIn(settings, root, database, warn)
      const softDelete = softDeleteIn(database)
      const setFor: PredicateStore['setFor'] = ({ deletion }, table) => {
        const requested = deletion && softDeletion(name, { ...settings, deletion }, database, environment)
        return (requested ?? softDelete)({ driver: name, op: 'delete-row', v: 1, args: {} }, table)
      }
      const connection = new MysqlConnection(name, client, softDelete, files)
      const predicateStore = { driver: name, client, settings, setFor }
      return Object.assign(connection, byPredicate(predicateStore, files), resolving(predicateStore))
    },
    removal: (spec) => ({
      removal: removalOf(name, spec),
      store: { id: storeOfRow(name, settings, serves) },
    }),
    typeOf: (removal) => (removal.op === 'sql' ? undefined : typeOfRow(rowArgs(removal), own?.database)),
    ...(profile?.deletion === 'soft-only' ? { refuses: beyondMarking(softDelete, environment, rowArgs) } : {}),
    describe: (removal, key) => describe(removal, key, softDelete, own?.database),
  }
}

const rowArgs = (removal: Removal): RowArgs => removal.args as unknown as RowArgs

function typeOfRow({ schema, table }: RowArgs, database: string | undefined): string {
  return schema && schema !== database ? readableTable({ schema, table }) : table
}

type Serves = (store: { readonly id: string }) => boolean

/** Whether the store is on the configured server, with any database and user; without a URL, any server. */
function servedBy({ url }: Settings, id: string): boolean {
  const store = parseStoreId(id)
  return store !== undefined && (url === undefined || sameServer(endpointOf(url), store))
}

function storeOfRow(driver: string, { url }: Settings, serves: Serves): string {
  const wanted = url === undefined ? undefined : endpointId(endpointOf(url))
  const captured = capturedStores().filter(
    (id) => serves({ id }) && (wanted === undefined || withoutIdentity(id) === wanted),
  )
  const words = { driver, factory: 'mysql', store: 'database', resource: 'row', variable: 'DATABASE_URL' }
  return storeOfHandTracked(captured, wanted, words)
}
