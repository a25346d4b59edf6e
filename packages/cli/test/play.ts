import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { track } from '@dustpan/core'
import { loadSettings, renderText } from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { joinRun } from '@dustpan/core/worker'

const [dir, n, mode] = process.argv.slice(2) as [string, string, string]
mkdirSync(dir, { recursive: true })
writeFileSync(
  dir + '/dustpan.config.json',
  JSON.stringify({
    cleanup: { strategy: 'conditional', retry: { attempts: 2, delay: 1 } },
    drivers: [
      { use: 'http', name: 'shop', options: {} },
      { use: 'files', name: 'files', options: {} },
    ],
  }),
)
writeFileSync(dir + '/package.json', '{"version":"1.2.3"}')
const server = createServer((q, s) => {
  s.statusCode = q.url?.includes('products') ? 500 : 200
  s.end('{"error":"products stay"}')
}).listen(0)
await once(server, 'listening')
const port = (server.address() as { port: number }).port
const settings = await loadSettings(dir)
const run = beginRun(settings, 'vitest 5.1.1')
const session = await joinRun(run.ticket)
const file = session.openScope(undefined, { kind: 'file', file: 'test/cart.test.ts', attempt: 0 })
const per = Math.ceil(Number(n) / 5)
for (let i = 0; i < 5 && Number(n) > 0; i++) {
  const test = session.openScope(file, {
    kind: 'test',
    file: 'test/cart.test.ts',
    path: ['cart', i % 2 ? 'adds an item' : `pays by card ${i}`],
    attempt: 0,
  })
  test.run(() => {
    for (let k = 0; k < per; k++) {
      const f = `${dir}/tmp-${i}-${k}.png`
      writeFileSync(f, 'x')
      if (k % 3 === 0) track({ type: 'file', id: f })
      else
        track({
          type: k % 3 === 1 ? 'order' : 'product',
          id: i * 1000 + k,
          remove: `DELETE http://localhost:${port}/${k % 3 === 1 ? 'orders' : 'products'}/{id}`,
        })
    }
  })
  await test.close(i % 2 ? 'failed' : 'passed', { willRetry: false })
}
await file.close('passed', { willRetry: false })
await session[Symbol.asyncDispose]()
const report = await run.end('failed')

if (report) console.log(renderText(report))
if (mode === 'serve') {
  console.log(port)
} else server.close()
