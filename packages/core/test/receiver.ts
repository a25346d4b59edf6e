/** A real server that receives webhooks. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export async function receiver(
  status = 200,
): Promise<{ url: string; received: { method?: string; headers: IncomingMessage['headers']; body: unknown }[] }> {
  const received: { method?: string; headers: IncomingMessage['headers']; body: unknown }[] = []
  const server = createServer(async (request, answer) => {
    const body = await text(request)
    received.push({
      method: request.method ?? '',
      headers: request.headers,
      body: body === '' ? undefined : JSON.parse(body),
    })
    answer.writeHead(status).end()
  }).listen(0)
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { url: `http://localhost:${(server.address() as AddressInfo).port}/hook`, received }
}
