/** How long do many HTTP removals take? */
import { once } from 'node:events'
import { request } from 'node:http'
import { Worker } from 'node:worker_threads'
import { track } from '@dustpan/core'
import type { OpenScope } from '@dustpan/core/worker'
import { compare } from './compare.ts'
import { benchSession } from './session.ts'

const n = 1000
const latencyMs = 5
const server = new Worker(new URL('slow-server.ts', import.meta.url), { workerData: { n, latencyMs } })
const [port] = (await once(server, 'message')) as [number]
const origin = `http://127.0.0.1:${port}`
const ids = Array.from({ length: n }, (_, i) => i)

const ask = async (path: string) => (await fetch(origin + path)).text()
const left = async () => JSON.parse(await ask('/left')) as { left: number; connections: number }
const fill = () => ask('/fill')
const remove = (id: number) =>
  new Promise<void>((resolve, reject) => {
    request(`${origin}/users/${id}`, { method: 'DELETE' }, (response) => response.resume().on('end', resolve))
      .on('error', reject)
      .end()
  })

let bench = await benchSession()
let test: OpenScope
const trackAll = async () => {
  await fill()
  test = bench.openTest()
  test.run(() => track({ type: 'user', ids, remove: `DELETE ${origin}/users/{id}` }))
}
const close = async () => {
  const report = await test.close('passed', { willRetry: false })
  if (report?.totals.removed !== n) throw new Error(`removed ${report?.totals.removed} of ${n}`)
}

await compare({
  name: 'http-removal',
  question: `${n} HTTP removals from a service in a thread of its own that takes ${latencyMs} ms`,
  rounds: 9,
  settings: { latencyMs },
  arms: [
    {
      name: 'sequential loop of fetch',
      before: fill,
      run: async () => {
        for (const id of ids) await fetch(`${origin}/users/${id}`, { method: 'DELETE' })
      },
    },
    { name: 'Dustpan', warmups: 5, before: trackAll, run: close },
    { name: 'all at once', before: fill, run: () => Promise.all(ids.map(remove)) },
  ],
  limits: [{ arm: 'Dustpan', than: 'sequential loop of fetch', kind: 'timesFaster', value: 25 }],
})
await bench[Symbol.asyncDispose]()
bench = await benchSession()
await trackAll()
await close()
const seen = await left()
console.log(`  Dustpan: ${seen.connections} connections (at most 32), left ${seen.left}`)
if (seen.connections > 32 || seen.left > 0) process.exitCode = 1
await bench[Symbol.asyncDispose]()
await server.terminate()
