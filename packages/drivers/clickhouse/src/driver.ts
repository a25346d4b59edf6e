import { type CreateDriver, type Driver, ofSupported, withoutIdentity } from '@dustpan/core/driver'
import { storeOfHandTracked } from '@dustpan/core/rows'
import { capabilities } from './capabilities.ts'
import { capturedPlaces } from './capture/client-session.ts'
import { instrument } from './capture/instrument.ts'
import { parseStoreId, placeOf, sameAddress, storeId } from './identity.ts'
import { library } from './library.ts'
import { checkOptions, type Settings } from './options.ts'
import { byPredicate } from './predicate/by-predicate.ts'
import type { PredicateStore } from './predicate/store.ts'
import { ClickHouseConnection, withoutDatabase } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { openServer } from './removal/open-server.ts'
import { refusalOf, softDeletion } from './removal/soft-deletion.ts'
import { removalOf, tableOf } from './removal/spec.ts'

/** Creates the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on invalid options. */
export const createDriver: CreateDriver = (name, options, { root, environment, profile }): Driver => {
  const settings = checkOptions(name, options)
  const { url } = settings
  const softColumnsOf = softDeletion(name, settings, environment, profile)
  return {
    name,
    capabilities,
    ...(settings.capture === false ? {} : { instruments: [ofSupported(library, instrument, root)] }),
    serves: ({ id }) => isServedBy(url, id),
    leadsTo: ({ id }) => url !== undefined && storeId(placeOf(url)) === withoutIdentity(id),
    ownStore: () => (url === undefined ? undefined : storeId(placeOf(url))),
    async connect(store, ctx) {
      const open = await openServer(store, url, root, ctx)
      if (!open) return withoutDatabase
      const { server, database } = open
      const { kinds = {}, owners } = settings
      const setFor: PredicateStore['setFor'] = ({ deletion }, table) =>
        (deletion ? softDeletion(name, { ...settings, deletion }, environment, profile) : softColumnsOf)(table)
      const connection = new ClickHouseConnection(open, softColumnsOf)
      return Object.assign(connection, byPredicate({ driver: name, server, database, kinds, owners, setFor }))
    },
    removal: (spec) => ({ removal: removalOf(name, spec), store: { id: storeOfRow(name, settings) } }),
    typeOf: tableOf,
    ...(profile?.deletion === 'soft-only' ? { refuses: refusalOf(softColumnsOf, environment) } : {}),
    describe: (removal, key) => describe(removal, key, (table) => settings.softDelete?.[table] !== undefined),
  }
}

/** Whether the store is on the URL's server, whatever its database and user; without a URL, any store is. */
function isServedBy(url: string | undefined, id: string): boolean {
  const place = parseStoreId(id)
  return place !== undefined && (url === undefined || sameAddress(placeOf(url), place))
}

/** The store of rows that are tracked by hand. */
function storeOfRow(driver: string, { url }: Settings): string {
  if (url !== undefined) return storeId(placeOf(url))
  const stores = [...new Set(capturedPlaces().map(storeId))]
  const words = { driver, factory: 'clickhouse', store: 'database', resource: 'row', variable: 'CLICKHOUSE_URL' }
  return storeOfHandTracked(stores, undefined, words)
}
