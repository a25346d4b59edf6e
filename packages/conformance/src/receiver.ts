/** A webhook that records what it receives, and answers with success. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface Receiver<Message> extends AsyncDisposable {
  readonly url: string
  readonly received: readonly Message[]
}

export async function startReceiver<Message = unknown>(): Promise<Receiver<Message>> {
  const received: Message[] = []
  const server = createServer(async (request, answer) => {
    received.push((await json(request)) as Message)
    answer.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    received,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
