/** A run that ended normally while its application is still handling a request. */
import { spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { projectFolder } from '@dustpan/conformance/run'
import { expect, onTestFinished, test } from 'vitest'
import { application, loggedFile, once } from './database.ts'

const users = 'CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);'
const rows = (file: string) => once(file, '', 'SELECT id FROM users').length

test('the reaper removes rows that a pending request creates after the end of the run', async () => {
  const file = await loggedFile(users)
  const server = await silentServer()
  const drivers = [
    { use: '@dustpan/sqlite', name: 'main', options: { file, application: true } },
    { use: 'http', name: 'http' },
  ]
  const folder = projectFolder('@dustpan/sqlite', { drivers })
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const child = spawn(process.execPath, [fileURLToPath(new URL('ended.ts', import.meta.url)), folder, server.url], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    env: { ...process.env, DUSTPAN_REAPER: '1' },
  })
  const [output] = (await event(child.stdout as NonNullable<typeof child.stdout>, 'data')) as [Buffer]
  const { run, scope, reaper } = JSON.parse(String(output)) as { run: string; scope: string; reaper: number }
  await server.asked
  child.send('end')
  await event(child, 'exit')

  await application(file).as(run, scope, `INSERT INTO users (email) VALUES ('late')`)
  expect(rows(file)).toBe(1)
  while (rows(file) > 0 && isAlive(reaper)) await new Promise((resolve) => setTimeout(resolve, 50))
  expect(rows(file)).toBe(0)
})

/** A server that never responds. */
async function silentServer() {
  const asked = Promise.withResolvers<void>()
  const server = createServer(() => asked.resolve())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/users`, asked: asked.promise }
}

function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
