/** How fast are many HTTP removals, and what does looking again cost? */
import { createServer, request as nodeRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { track } from '@dustpan/core'
import type { OpenScope } from '@dustpan/core/worker'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'

const n = 1000
const latencyMs = 5
const things = new Set<string>()
let used = new Set<unknown>()
const server = createServer((request, response) => {
  used.add(request.socket)
  setTimeout(() => {
    const there = request.method === 'DELETE' ? things.delete(String(request.url)) : things.has(String(request.url))
    response.writeHead(there ? (request.method === 'DELETE' ? 204 : 200) : 404).end()
  }, latencyMs)
})
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
const paths = Array.from({ length: n }, (_, i) => `/users/${i}`)
const fill = () => {
  for (const path of paths) things.add(path)
}

await using auto = await benchSession()
let test: OpenScope
const trackAll = () => {
  fill()
  test = auto.openTest()
  test.run(() => track({ type: 'user', ids: paths.map((_, i) => i), remove: `DELETE ${origin}/users/{id}` }))
}
const close = async () => {
  const report = await test.close('passed', { willRetry: false })
  if (report?.totals.removed !== n || things.size > 0)
    throw new Error(`removed ${report?.totals.removed}, left ${things.size}`)
}
const remove = (path: string) =>
  new Promise<void>((resolve, reject) => {
    nodeRequest(origin + path, { method: 'DELETE' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end()
  })

let connections = 0
await compare({
  name: 'http-removal',
  question: `${n} HTTP removals from a server that takes ${latencyMs} ms`,
  rounds: 7,
  settings: { latencyMs },
  arms: [
    {
      name: 'sequential loop of fetch',
      before: fill,
      run: async () => {
        for (const path of paths) await fetch(origin + path, { method: 'DELETE' })
      },
    },
    {
      name: 'Dustpan',
      before: () => {
        trackAll()
        used = new Set()
      },
      run: async () => {
        await close()
        connections = Math.max(connections, used.size)
      },
    },
    { name: 'all at once', before: fill, run: () => Promise.all(paths.map(remove)) },
  ],
  limits: [{ arm: 'Dustpan', than: 'sequential loop of fetch', kind: 'timesFaster', value: 25 }],
})
console.log(`  Dustpan: ${connections} connections used (at most 32)`)
if (connections > 32) process.exitCode = 1
server.closeAllConnections()
server.close()
