/** A small service that keeps things by their path, and removes them on DELETE. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Service extends AsyncDisposable {
  readonly origin: string
  readonly things: Set<string>
  /** DELETE of these paths is answered with 500. */
  readonly stuck: Set<string>
  readonly deleted: string[]
  /** While set, every answer to DELETE waits for it. */
  gate: Promise<void> | undefined
  /** Removes, but does not answer. */
  mute: boolean
}

export async function startService(): Promise<Service> {
  const server = createServer(async (request, response) => {
    const path = request.url ?? ''
    if (request.method !== 'DELETE') return response.writeHead(service.things.has(path) ? 200 : 404).end()
    service.deleted.push(path)
    await service.gate
    if (service.mute && service.things.delete(path)) return
    if (service.stuck.has(path)) return response.writeHead(500).end('{"error":"it stays"}')
    response.writeHead(service.things.delete(path) ? 200 : 404).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const service: Service = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    things: new Set(),
    stuck: new Set(),
    deleted: [],
    gate: undefined,
    mute: false,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return service
}
