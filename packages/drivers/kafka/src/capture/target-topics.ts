/**
 * A producer of kafkajs asks about every topic that it has ever sent to whenever it asks about one, and brokers make what they are asked about:
 * a topic that was deleted would come back with the next one.
 */

/** As much of a cluster of kafkajs as is used here. */
interface Asking {
  readonly targetTopics?: Pick<Set<string>, 'delete'>
}

const clusters = new Set<WeakRef<Asking>>()

export function noteAsking(cluster: Asking): void {
  clusters.add(new WeakRef(cluster))
}

/** What sends to them again asks about them again. */
export function askNoMoreAbout(topics: readonly string[]): void {
  for (const reference of clusters) {
    const cluster = reference.deref()
    if (!cluster) clusters.delete(reference)
    else for (const topic of topics) cluster.targetTopics?.delete(topic)
  }
}
