import { spawn } from 'node:child_process'
import { once as event } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { once, startServer } from '../../src/servers/index.ts'

const owner = `
  const { startServer } = await import('@dustpan/conformance/servers')
  console.log((await startServer({ own: true })).url)
  setInterval(() => {}, 1000)`

test('PostgreSQL and its folder are removed when the process that started it is killed', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', owner], { cwd: import.meta.dirname })
  const [printed] = await event(child.stdout, 'data')
  const url = String(printed).trim()
  const folder = (await once(url, 'SHOW data_directory')).rows[0].data_directory
  child.kill('SIGKILL')
  await vi.waitUntil(() => !existsSync(folder), { timeout: 20_000 })
  await expect(once(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
})

test('a server that is stopped and started again has the same port and data', async () => {
  await using server = await startServer({ own: true })
  const url = await server.database('CREATE TABLE notes (); INSERT INTO notes DEFAULT VALUES')
  await server.stop({ abruptly: true })
  await expect(once(url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  await server.start()
  expect((await once(url, 'SELECT FROM notes')).rowCount).toBe(1)
})
