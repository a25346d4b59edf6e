/** A server at which two workers wait for each other, so that their next steps overlap. */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Meeting extends AsyncDisposable {
  readonly url: string
  /** The points that both workers have reached. */
  readonly met: string[]
}

export async function startMeeting(onMet: (point: string) => Promise<void>): Promise<Meeting> {
  const waiting = new Map<string, ServerResponse>()
  const met: string[] = []
  const server = createServer(async ({ url: point = '' }, response) => {
    const other = waiting.get(point)
    if (!other) return void waiting.set(point, response)
    met.push(point)
    await onMet(point)
    for (const one of [other, response]) one.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    met,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
