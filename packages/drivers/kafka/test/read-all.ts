/** Reads a topic with a client that Dustpan does not capture. */
import { randomUUID } from 'node:crypto'
import { strangersKafka, withAdmin } from './server.ts'

export interface ReadMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: { readonly [name: string]: string }
}

/** The first messages of a topic, at least `count`. */
export async function readAll(topic: string, count: number): Promise<readonly ReadMessage[]> {
  const groupId = `reader-${randomUUID()}`
  const consumer = strangersKafka().consumer({ groupId, maxWaitTimeInMs: 50 })
  const read: ReadMessage[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({
      async eachMessage({ partition, message: { key, value, offset, headers = {} } }) {
        const named = Object.entries(headers).map(([name, text]) => [name, String(text)])
        read.push({
          topic,
          partition,
          offset: Number(offset),
          key: key?.toString(),
          value: value?.toString(),
          headers: Object.fromEntries(named),
        })
        if (read.length >= count) resolve()
      },
    })
    await promise
    return read
  } finally {
    await consumer.disconnect()
    await withAdmin((admin) => admin.deleteGroups([groupId]))
  }
}
