import { type CreateDriver, type Driver, invalidArgument } from '@dustpan/core/driver'
import { capturedStores } from './capture/captured-clients.ts'
import { pgInstrument } from './capture/instrument.ts'
import { endpointId, endpointOf, parseStoreId, sameServer, withoutIdentity } from './identity.ts'
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
  const serves: Serves = (store) => servedBy(settings, store.id)
  const leadsTo: Serves = (store) => leadsStraightTo(settings, store.id)
  const rules = { serves, leadsTo, ignoreTables: settings.ignoreTables ?? [] }
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
    leadsTo,
    connect: async (store, ctx) =>
      new PostgresConnection(name, await OwnClient.connect(store, settings, root, ctx), softly),
    removal: (spec) => ({
      removal: removalOf(name, spec),
      store: { driver: name, id: handTracked(name, settings, serves) },
    }),
    describe: (removal, key) => describe(removal, key, softly),
  }
}

type Serves = (store: { readonly id: string }) => boolean

/** The same server, whatever database and user: without a URL, any. */
function servedBy({ url }: Settings, id: string): boolean {
  const store = parseStoreId(id)
  return store !== undefined && (url === undefined || sameServer(endpointOf(url), store))
}

function leadsStraightTo({ url }: Settings, id: string): boolean {
  return url !== undefined && endpointId(endpointOf(url)) === withoutIdentity(id)
}

/** The store of rows that are tracked by hand: as it was captured, where that says more than the URL. */
function handTracked(driver: string, { url }: Settings, serves: Serves): string {
  const wanted = url === undefined ? undefined : endpointId(endpointOf(url))
  const captured = capturedStores().filter(
    (id) => serves({ id }) && (wanted === undefined || withoutIdentity(id) === wanted),
  )
  const [only, another] = captured
  if (only !== undefined && another === undefined) return only
  if (wanted !== undefined) return wanted
  const found = only === undefined ? 'no client was captured' : 'several databases were captured'
  throw invalidArgument(
    `'${driver}' has no url, and ${found}, so the database of the row is not known`,
    `Name it: postgres({ name: '${driver}', url: env('DATABASE_URL') })`,
  )
}
