import type { CreateDriver, Driver, RemovalContext, ResolveRequest } from '@dustpan/core/driver'
import { storeOfHandTracked } from '@dustpan/core/rows'
import { capabilities } from './capabilities.ts'
import { plainType, rulesOf } from './capture/capture-rules.ts'
import { instrumentsBy } from './capture/instrument.ts'
import { parseStoreId, placeOf, sharesNode, storeId } from './identity.ts'
import { checkOptions, type Settings } from './options.ts'
import { byPredicate } from './predicate/by-predicate.ts'
import { RedisConnection } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { openSpace } from './removal/open-space.ts'
import { resolve } from './removal/resolve.ts'
import { capturedStores } from './removal/settings.ts'
import { removalOf } from './removal/spec.ts'

/** Creates the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on invalid options. */
export const createDriver: CreateDriver = (name, options, { root }): Driver => {
  const settings = checkOptions(name, options)
  const serves: Serves = ({ id }) => isServedBy(settings, id)
  const own = settings.url === undefined ? undefined : storeId(placeOf(settings.url, settings.cluster ?? false))
  const leadsTo: Serves = ({ id }) => own === id
  return {
    name,
    capabilities,
    instruments: settings.capture === false ? [] : instrumentsBy(rulesOf(settings, { serves, leadsTo }), root),
    serves,
    leadsTo,
    resolves: true,
    ownStore: () => own,
    async connect(store, ctx) {
      const space = await openSpace(store, settings, ctx)
      return Object.assign(new RedisConnection(store, space), byPredicate(name, settings, space), {
        resolve: (request: ResolveRequest, { signal }: RemovalContext) => resolve(space, settings, request, signal),
      })
    },
    removal: (spec) => ({ removal: removalOf(name, spec), store: { id: own ?? capturedStore(name, serves) } }),
    typeOf: () => plainType,
    describe,
  }
}

type Serves = (store: { readonly id: string }) => boolean

/** Whether the store is on the URL's server, whatever its database and user; without a URL, any store is. */
function isServedBy({ url, cluster = false }: Settings, id: string): boolean {
  const place = parseStoreId(id)
  return place !== undefined && (url === undefined || sharesNode(placeOf(url, cluster), place))
}

/** Without a URL, exactly one captured key space has to match. */
function capturedStore(driver: string, serves: Serves): string {
  const words = { driver, factory: 'redis', store: 'key space', resource: 'key', variable: 'REDIS_URL' }
  return storeOfHandTracked(
    capturedStores().filter((id) => serves({ id })),
    undefined,
    words,
  )
}
