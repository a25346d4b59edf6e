import {
  type CreateDriver,
  DustpanError,
  invalidArgument,
  isDustpanError,
  ofSupported,
  type Removal,
} from '@dustpan/core/driver'
import { storeOfHandTracked } from '@dustpan/core/rows'
import { capabilities } from './capabilities.ts'
import { mongoInstrument } from './capture/instrument.ts'
import { type Address, parseAddress, sameServer, sameStore, storeId } from './identity.ts'
import { library } from './mongo.ts'
import { checkOptions, type MarkOptions, type Settings } from './options.ts'
import { capturedStores } from './own-clients.ts'
import { byPredicate } from './predicate/by-predicate.ts'
import { storeConnection } from './removal/connection.ts'
import { describe } from './removal/describe.ts'
import { connectOwn } from './removal/own-client.ts'
import { resolveByMark } from './removal/resolve.ts'
import { softDeletion } from './removal/soft-delete.ts'
import { collectionOf, filterArgs, removalOf } from './removal/spec.ts'

/** Creates the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on invalid options. */
export const createDriver: CreateDriver = (name, options, ctx) => {
  const settings = checkOptions(name, options)
  const { references = {}, ignoreCollections = [], mark } = settings
  const softFieldsOf = softDeletion(name, settings, ctx)
  const own = settings.url === undefined ? undefined : parseAddress(settings.url)
  const serves: Serves = ({ id }) => isStore(id, (store) => own === undefined || sameServer(own, store))
  const leadsTo: Serves = ({ id }) => isStore(id, (store) => own !== undefined && sameStore(own, store))
  const rules = { serves, leadsTo, ignoreCollections, mark: markOptions(mark) }
  return {
    name,
    capabilities,
    instruments: settings.capture === false ? [] : [ofSupported(library, mongoInstrument(rules), ctx.root)],
    serves,
    leadsTo,
    ...(rules.mark ? { resolves: true } : {}),
    ownStore: () => own && storeId(own),
    async connect(store, connecting) {
      const client = await connectOwn(store, settings, ctx.root, connecting)
      const predicates = byPredicate(client, settings, ({ deletion }) => softDeletion(name, settings, ctx, deletion))
      const resolver = rules.mark ? resolveByMark(client, softFieldsOf) : {}
      return Object.assign(storeConnection(client, softFieldsOf, references), predicates, resolver)
    },
    removal: (spec, keys) => ({
      removal: removalOf(name, spec, keys),
      store: { id: storeOfDocument(name, own, spec.database, serves) },
    }),
    typeOf: (removal) => (filterArgs(removal) ? undefined : collectionOf(removal)),
    ...(ctx.profile?.deletion === 'soft-only' ? { refuses: (removal) => refusalOf(removal, softFieldsOf) } : {}),
    describe: (removal, key) => describe(removal, key, withoutErrors(softFieldsOf)),
  }
}

type Serves = (store: { readonly id: string }) => boolean

function isStore(id: string, test: (store: Address) => boolean): boolean {
  const store = id.startsWith('mongodb') ? parseAddress(id) : undefined
  return store !== undefined && test(store)
}

function markOptions(mark: Settings['mark']): MarkOptions | undefined {
  return mark === true ? {} : mark || undefined
}

/** Where documents may only be marked: why a removal is refused; undefined if it marks them. */
function refusalOf(removal: Removal, softFieldsOf: ReturnType<typeof softDeletion>): DustpanError | undefined {
  if (filterArgs(removal)?.update) return undefined
  try {
    softFieldsOf(collectionOf(removal))
    return filterArgs(removal) ? filterRefused() : undefined
  } catch (error) {
    if (isDustpanError(error)) return error
    throw error
  }
}

function filterRefused(): DustpanError {
  const message = 'The filter is not run: documents are only marked as deleted here, and it would delete what it finds'
  return new DustpanError('DUSTPAN_PROFILE_REFUSED', message, { hint: 'Give an update beside the filter.' })
}

/** For reports, which describe a removal even if its settings are invalid. */
const withoutErrors =
  (softFieldsOf: ReturnType<typeof softDeletion>): typeof softFieldsOf =>
  (collection) => {
    try {
      return softFieldsOf(collection)
    } catch {
      return undefined
    }
  }

/** The store of documents that are tracked by hand: the captured one, if it says more than the URL. */
function storeOfDocument(driver: string, own: Address | undefined, database: unknown, serves: Serves): string {
  if (database !== undefined && (typeof database !== 'string' || database === ''))
    throw invalidArgument(`track(): remove.database: expected a database's name, got ${JSON.stringify(database)}`)
  const matches = (id: string) => {
    const store = parseAddress(id)
    const wanted = database ?? own?.database
    return serves({ id }) && (wanted === undefined || store?.database === wanted)
  }
  const url = own && storeId({ ...own, database: database ?? own.database })
  const words = { driver, factory: 'mongodb', store: 'database', resource: 'document', variable: 'MONGODB_URL' }
  return storeOfHandTracked(capturedStores().filter(matches), url, words)
}
