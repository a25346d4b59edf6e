import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { env } from '../../src/config/env.ts'
import { http } from '../../src/config/http.ts'
import { renderText } from '../../src/report/text.ts'
import { track } from '../../src/tracking/facade.ts'
import { close, testRun } from '../run.ts'
import { settingsOf } from '../settings.ts'
import { json, startApi } from './api.ts'

const key = 'pl4nted-internal-k3y'
const config = (origins: string[]) => ({
  drivers: [
    http({
      origins,
      headers: { 'x-internal-key': env('INTERNAL_KEY') },
      rules: [{ create: 'POST /users', first: 'DELETE /internal/users/{id}/data' }],
    }),
    http({
      name: 'other',
      origins: ['http://localhost:1'],
      headers: { 'x-internal-key': env('OTHER_KEY', '') },
    }),
  ],
})

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((path) => statSync(path).isFile())
}

test('the internal key is sent only to its own origin, and is in no file, report or output', async () => {
  const printed: string[] = []
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0)
  onTestFinished(() => void vi.restoreAllMocks())
  await using stranger = await startApi()
  await using api = await startApi((request, response) => {
    if (request.method === 'POST') return json(response, 201, { id: 7 })
    if (request.url === '/moved/7') return response.writeHead(308, { location: `${stranger.origin}/moved/7` }).end()
    json(response, request.url === '/users/7' ? 500 : 200, { sent: request.headers })
  })
  const { openTest, file, main, dir, root } = await testRun(config([api.origin, stranger.origin]), {
    INTERNAL_KEY: key,
  })
  const scoped = openTest('t')
  await scoped.run(async () => {
    await (await fetch(`${api.origin}/users`, { method: 'POST', body: '{}' })).text()
    track({ type: 'moved', id: 7, remove: `DELETE ${api.origin}/moved/{id}` })
  })
  const reports = [await close(scoped), await close(file), await main.end('passed')]
  const own = api.headers.filter((headers) => headers['user-agent'] === 'dustpan')
  expect(own.length).toBeGreaterThan(2)
  for (const headers of own) expect(headers['x-internal-key']).toBe(key)
  // Only Dustpan's own requests carry the key.
  expect(api.headers[0]).not.toHaveProperty('x-internal-key')
  expect(stranger.requests).toEqual([])
  const files = filesBelow(root)
  expect(files.some((path) => path.startsWith(dir))).toBe(true)
  for (const path of files) expect([path, readFileSync(path, 'utf8').includes(key)]).toEqual([path, false])
  for (const report of reports) {
    expect(JSON.stringify(report) ?? '').not.toContain(key)
    if (report) expect(renderText(report)).not.toContain(key)
  }
  expect(printed.join('')).not.toContain(key)
})

test('a key whose variable is not set is DUSTPAN_ENV_MISSING with its path', () => {
  expect(() => settingsOf(config(['http://localhost:1']), {})).toThrow(
    expect.objectContaining({
      code: 'DUSTPAN_ENV_MISSING',
      message: expect.stringContaining('drivers[0].options.headers.x-internal-key (INTERNAL_KEY)'),
    }),
  )
})
