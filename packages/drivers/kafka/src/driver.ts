import { type CreateDriver, invalidArgument, type StoreSeen } from '@dustpan/core/driver'
import { capabilities } from './capabilities.ts'
import { instruments } from './capture/instrument.ts'
import { capturedStores } from './capture/stores.ts'
import { addressOf, isLoopback, parseStoreId, sharesBroker } from './identity.ts'
import { checkOptions, type Settings } from './options.ts'
import { connect } from './removal/connection.ts'
import { describeRemoval } from './removal/describe.ts'
import { removalOf } from './removal/spec.ts'

/** Creates the driver of one configured instance. @throws DustpanError `DUSTPAN_CONFIG_INVALID` on invalid options. */
export const createDriver: CreateDriver = (name, given, { root }) => {
  const settings = checkOptions(name, given)
  const serves = (id: string) => isServed(settings, id)
  return {
    name,
    capabilities,
    ...(settings.capture ? { instruments: instruments(settings.headers, root) } : {}),
    serves: ({ id }) => serves(id),
    leadsTo: ({ id }) => settings.brokers !== undefined && serves(id),
    ownStore: () => settings.brokers && addressOf(settings.brokers),
    noStore: () => ({ serves: 'every broker on this machine' }),
    follows: (verify) => settings.hasConsumers || verify === 'read-back',
    connect: (store, ctx) => connect(store, { ...settings, name, root }, ctx),
    removal: (spec, keys) => ({ removal: removalOf(name, spec, keys), store: storeOf(name, settings, serves) }),
    describe: describeRemoval,
  }
}

/** Without configured brokers, only clusters on this machine: messages to others must not get headers. */
function isServed({ brokers }: Settings, id: string): boolean {
  const store = parseStoreId(id)
  if (!store) return false
  return brokers === undefined ? store.brokers.every(isLoopback) : sharesBroker(store.brokers, brokers)
}

/** With the cluster's id, if a captured client knows it. */
function storeOf(driver: string, { brokers }: Settings, serves: (id: string) => boolean): StoreSeen {
  const [id, another] = capturedStores().filter(serves)
  if (id !== undefined && another === undefined) return { id }
  if (brokers !== undefined) return { id: addressOf(brokers) }
  throw invalidArgument(
    `'${driver}' has no brokers, and ${id === undefined ? 'no client was' : 'clients of several clusters were'} captured, so the cluster is not known.`,
    "Name its brokers: kafka({ brokers: 'localhost:9092' }).",
  )
}
