/**
 * Each metadata request of a kafkajs producer names all topics that it has ever sent to, and brokers create the topics
 * that it names: the next request would create a deleted topic again. So deleted topics are removed from the producers'
 * lists.
 */

/** The part of a kafkajs cluster that is used here. */
interface TargetingCluster {
  readonly targetTopics?: Pick<Set<string>, 'delete'>
}

const clusters = new Set<WeakRef<TargetingCluster>>()

export function noteCluster(cluster: TargetingCluster): void {
  clusters.add(new WeakRef(cluster))
}

/** A producer that sends to such a topic again adds it again. */
export function dropTargetTopics(topics: readonly string[]): void {
  for (const reference of clusters) {
    const cluster = reference.deref()
    if (!cluster) clusters.delete(reference)
    else for (const topic of topics) cluster.targetTopics?.delete(topic)
  }
}
