/** A removal with an unfilled placeholder is not sent: it would address something else, or everything. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { http } from '../../src/config/http.ts'
import { answers } from '../../src/http-client/answers.ts'
import type { HttpRule } from '../../src/resource/http-options.ts'
import { json, startApi } from '../http/api.ts'
import { close, testRun } from '../run.ts'

beforeEach(() => answers.begin())

const purge = 'POST /tags/purge'

test.each<[string, Partial<HttpRule>]>([
  ['the URL', { remove: 'DELETE /tags/{body.slug}' }],
  ['the body', { remove: { request: purge, body: { ids: ['{body.slug}'] } } }],
  ['a string in the body', { remove: { request: purge, body: { where: 'slug = {body.slug}' } } }],
  ['a header', { remove: { request: 'DELETE /tags', headers: { 'x-tag': '{body.slug}' } } }],
  ['the body of a first step', { first: { request: purge, body: { ids: ['{body.slug}'] } } }],
  ['the body of a bulk removal', { remove: { request: purge, body: { ids: '{ids}', of: '{body.slug}' } } }],
])('a removal with an unfilled placeholder in %s is not sent', async (_, parts) => {
  const api = await startApi((_request, response) => json(response, 201, { id: 1 }))
  onTestFinished(() => api[Symbol.asyncDispose]())
  const rules = [{ create: 'POST /tags', ...parts } as HttpRule]
  const { openTest, main, folded } = await testRun({ drivers: [http({ origins: [api.origin], rules })] })
  onTestFinished(async () => void (await main.end('passed')))
  const scoped = openTest('t')
  await scoped.run(async () => (await fetch(`${api.origin}/tags`, { method: 'POST' })).text())
  await close(scoped)
  const [{ state, error } = {}] = folded().resources.values()
  expect(state).toBe('failed')
  expect(error?.message).toMatch(/was not sent: \{body\.slug\} was not in the answer/)
  expect(api.requests).toEqual(['POST /tags'])
})
