import type { CreateDriver, Driver, StoreRef } from '@dustpan/core/driver'
import { DustpanError } from '@dustpan/core/driver'
import { pgInstrument } from './capture/instrument.ts'
import { endpointId, endpointOf, parseStoreId, sameServer } from './identity.ts'
import { checkOptions, type Settings } from './options.ts'
import { PostgresConnection } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { OwnClient } from './removal/own-client.ts'
import { softDeletion } from './removal/soft-deletion.ts'
import { removalOf } from './removal/spec.ts'

/** Makes the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on wrong options. */
export const createDriver: CreateDriver = (name, options, { root, environment }): Driver => {
  const settings = checkOptions(name, options)
  const softly = softDeletion(name, settings, environment)
  const serves = (store: { readonly id: string }) => servedBy(settings, store.id)
  const rules = { serves, ignoreTables: settings.ignoreTables ?? [] }
  return {
    name,
    capabilities: {
      intent: 'before',
      proof: 'incarnation',
      maxBatch: 10_000,
      concurrency: 1,
      atomicBatch: true,
      verify: 'free',
      transactions: true,
    },
    instruments: settings.capture === false ? [] : [pgInstrument(rules)],
    serves,
    connect: async (store, ctx) => new PostgresConnection(name, await OwnClient.connect(store, settings, root, ctx), softly),
    removal: (spec) => removalOf(name, spec),
    defaultStore: () => storeOf(name, settings),
    describe: (removal, key) => describe(removal, key, softly),
  }
}

/** The same server, whatever database and user: without a URL, any. */
function servedBy({ url }: Settings, id: string): boolean {
  const store = parseStoreId(id)
  return store !== undefined && (url === undefined || sameServer(endpointOf(url), store))
}

function storeOf(driver: string, { url }: Settings): StoreRef {
  if (url !== undefined) return { driver, id: endpointId(endpointOf(url)) }
  throw new DustpanError('DUSTPAN_CONFIG_INVALID', `drivers.${driver}.options.url: expected a connection string, found none`, {
    hint: 'Rows that are tracked by hand can only be removed over it',
  })
}
