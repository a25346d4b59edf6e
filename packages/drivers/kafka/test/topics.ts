import { randomUUID } from 'node:crypto'
import { withAdmin } from './server.ts'

export function newName(base = 'topic'): string {
  return `test-${base}-${randomUUID().slice(0, 8)}`
}

/** Creates a topic with a client that Dustpan does not capture, and waits until the broker lists it. */
export async function createStrangersTopic(partitions = 1, topic = newName()): Promise<string> {
  return withAdmin(async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: partitions }] })
    while (!(await admin.listTopics()).includes(topic)) await new Promise((resolve) => setImmediate(resolve))
    return topic
  })
}
