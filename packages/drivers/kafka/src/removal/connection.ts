/** Connects to the recorded cluster for removals; refuses any other cluster. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type ConnectContext, DustpanError, messageOf, type StoreConnection, type StoreRef } from '@dustpan/core/driver'
import { addressOf, parseStoreId, storeId } from '../identity.ts'
import type { Settings, SslOptions } from '../options.ts'
import { countTopics, removeTopicsWhere } from '../predicate/by-predicate.ts'
import type { Address, Security } from '../wire/broker.ts'
import { Cluster } from '../wire/cluster.ts'
import { followMessages } from './follow.ts'
import { probeTargets } from './probe.ts'
import { removeTargets } from './remove.ts'

export interface ConnectionSettings extends Settings {
  readonly name: string
  readonly root: string
}

/** @throws DustpanError `DUSTPAN_WRONG_STORE`, `DUSTPAN_STORE_UNREACHABLE`, `DUSTPAN_CONFIG_INVALID` */
export async function connect(
  store: StoreRef,
  settings: ConnectionSettings,
  ctx: ConnectContext,
): Promise<StoreConnection> {
  const recorded = parseStoreId(store.id)
  if (!recorded) throw new DustpanError('DUSTPAN_WRONG_STORE', `${store.id} is not the id of a Kafka cluster.`)
  const brokers = settings.brokers ?? recorded.brokers
  const guard = (address: Address) => ctx.guard?.(addressOf([address]))
  const cluster = new Cluster({ brokers, ...securityOf(settings), guard })
  try {
    const { cluster: answering } = await cluster.metadata([], ctx.signal)
    if (recorded.cluster !== undefined && recorded.cluster !== answering) throw wrongStore(store, brokers, answering)
    return connection(cluster, recorded.cluster === undefined ? storeId(brokers, answering) : store.id, settings)
  } catch (error) {
    cluster[Symbol.dispose]()
    throw error
  }
}

function connection(cluster: Cluster, store: string, settings: ConnectionSettings): StoreConnection {
  return {
    store,
    remove: (targets, ctx) => removeTargets(cluster, targets, ctx),
    probe: (targets, { signal }) => probeTargets(cluster, targets, signal),
    count: (selection, ctx) => countTopics(cluster, selection, ctx),
    removeWhere: (selection, agreed, ctx) => removeTopicsWhere(cluster, selection, agreed, ctx),
    follow: (messages, ctx) => followMessages(cluster, messages, settings, ctx),
    async [Symbol.asyncDispose]() {
      cluster[Symbol.dispose]()
    },
  }
}

function securityOf({ ssl, sasl, root, name }: ConnectionSettings): Security {
  return { tls: ssl === false ? undefined : ssl === true ? {} : filesOf(ssl, root, name), sasl }
}

function filesOf({ rejectUnauthorized, ...files }: SslOptions, root: string, name: string): Security['tls'] {
  const read = Object.entries(files).map(([option, file]) => {
    try {
      return [option, readFileSync(resolve(root, file as string))]
    } catch (cause) {
      throw new DustpanError(
        'DUSTPAN_CONFIG_INVALID',
        `drivers.${name}.options.ssl.${option}: ${file} could not be read: ${messageOf(cause)}`,
        { cause },
      )
    }
  })
  return { ...Object.fromEntries(read), ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }) }
}

function wrongStore({ driver, id }: StoreRef, brokers: readonly Address[], answering: string): DustpanError {
  return new DustpanError(
    'DUSTPAN_WRONG_STORE',
    `What is on record is in ${id}, but the driver '${driver}' leads to ${storeId(brokers, answering)}`,
    { hint: 'Point its brokers at the cluster of that run, or forget the records when that cluster is no more.' },
  )
}
