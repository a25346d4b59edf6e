/** The clusters that clients of this process have connected to. */
import { parseStoreId, sharesBroker, storeId } from '../identity.ts'
import type { Address } from '../wire/broker.ts'

const stores = new Map<string, string[]>()

/**
 * `brokers`: the client's bootstrap brokers, then those of the cluster. A client whose first broker belongs to a known
 * store of the cluster gets that store's id, so that a cluster keeps one id.
 */
export function storeOfCluster(brokers: readonly Address[], cluster: string): string {
  const known = stores.get(cluster) ?? []
  const first = brokers.slice(0, 1)
  const same = known.find((id) => sharesBroker(parseStoreId(id)?.brokers ?? [], first))
  if (same !== undefined) return same
  const id = storeId(brokers, cluster)
  stores.set(cluster, [...known, id])
  return id
}

export function capturedStores(): readonly string[] {
  return [...stores.values()].flat()
}
