/** The clusters that clients of this process have led to. */
import { parseStoreId, sharesBroker, storeId } from '../identity.ts'
import type { Address } from '../wire/broker.ts'

const stores = new Map<string, string[]>()

/** `brokers`: where the client began, then those that the cluster has. Clients that began elsewhere in one cluster have one name for it. */
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
