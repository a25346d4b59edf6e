/** The rule that DUSTPAN_NO_ID suggests: one for all resources of a kind, not one for each name. */
import { expect, onTestFinished, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { json, startApi } from '../http/api.ts'
import { recordingSink } from './recording-sink.ts'

async function warningsOf(lines: readonly string[], body: unknown = undefined) {
  const sink = recordingSink()
  const messages: string[] = []
  const warn = sink.warn.bind(sink)
  sink.warn = (code, subject, message) => {
    messages.push(message)
    warn(code, subject, message)
  }
  const api = await startApi(({ url = '' }, response) =>
    json(response, 201, body ?? { _id: decodeURIComponent(url.split('?')[0]?.split('/').at(-1) ?? '') }),
  )
  const capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  onTestFinished(async () => {
    capture[Symbol.dispose]()
    await api[Symbol.asyncDispose]()
  })
  await sink.run('a', async () => {
    for (const line of lines) {
      const [method = '', path = ''] = line.split(' ')
      await (await fetch(api.origin + path, { method })).text()
    }
  })
  return { warnings: sink.warnings, messages }
}

test.each([
  ['PUT', 'PUT /users/_doc/{id}', ['PUT /users/_doc/anna?routing=b', 'PUT /users/_doc/carl?routing=b']],
  ['POST', 'POST /users/_doc/{id}', ['POST /users/_doc/anna', 'POST /users/_doc/carl']],
  ['nested PUT', 'PUT /orgs/*/users/{id}', ['PUT /orgs/7/users/anna?org=b', 'PUT /orgs/7/users/carl?org=b']],
])('a %s to a path that ends in the id warns once for all ids, with a rule for all', async (_, route, lines) => {
  const { warnings, messages } = await warningsOf(lines)
  expect(warnings).toEqual([`DUSTPAN_NO_ID ${route}`])
  expect(messages[0]).toContain(`{ create: '${route}'`)
})

test('a PUT to a path that may be that of a collection warns with that path', async () => {
  expect((await warningsOf(['PUT /cats'], { id: 104 })).warnings).toEqual(['DUSTPAN_NO_ID PUT /cats'])
})

test('a PUT of a resource called mine is not tracked, and the warning says how to track it', async () => {
  const { warnings, messages } = await warningsOf(['PUT /api/queues/%2F/mine'], {})
  expect(warnings).toEqual(['DUSTPAN_NO_ID PUT /api/queues/%2F/{id}'])
  expect(messages).toEqual([
    'PUT /api/queues/%2F/{id} was answered 201, but "mine" at the end of its path may mean the sender of the request: it is not tracked. ' +
      "If it is a name, say so in a rule: { create: 'PUT /api/queues/%2F/{id}' }.",
  ])
})
