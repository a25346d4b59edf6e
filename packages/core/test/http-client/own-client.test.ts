/** Dustpan's own requests to names of this machine. */
import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { ownClient } from '../../src/http-client/own-client.ts'

async function server(host: string) {
  const hosts: (string | undefined)[] = []
  const listening = createServer((request, response) => {
    hosts.push(request.headers.host)
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve, reject) => listening.once('error', reject).listen(0, host, resolve))
  onTestFinished(() => new Promise((resolve) => listening.close(() => resolve())))
  return { hosts, port: (listening.address() as { port: number }).port }
}

async function statusFrom(origin: string): Promise<number> {
  await using client = ownClient(origin, { connections: 1, timeoutMs: 5000 })
  const { signal } = new AbortController()
  return (await client.send({ method: 'DELETE', path: '/users/1', headers: {} }, signal)).status
}

test.each(['127.0.0.1', '::1'])(
  '*.localhost resolves to this machine at %s and keeps its Host header',
  async (host) => {
    const { hosts, port } = await server(host)
    for (const name of ['b.localhost', 'a.b.localhost']) expect(await statusFrom(`http://${name}:${port}`)).toBe(204)
    expect(hosts).toEqual([`b.localhost:${port}`, `a.b.localhost:${port}`])
  },
)

test('a name that only ends in localhost is looked up', async () => {
  await expect(statusFrom('http://notlocalhost.invalid:1')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
