import * as undici8 from 'undici'
import * as undici6 from 'undici6'
import * as undici7 from 'undici7'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startHttpCapture } from '../../src/http-capture/capture.ts'
import { undiciInstrument } from '../../src/http-capture/undici-instrument.ts'
import { type Api, startApi } from '../http/api.ts'
import { type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: Disposable
let api: Api

beforeEach(async () => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: {} }])
  api = await startApi()
})

afterEach(async () => {
  capture[Symbol.dispose]()
  await api[Symbol.asyncDispose]()
})

describe.each([
  ['6', undici6],
  ['7', undici7],
  ['8', undici8],
] as const)('undici %s', (_version, undici) => {
  test('is recognised and patched once', () => {
    expect(undiciInstrument.accepts(undici)).toBe(true)
    using _first = undiciInstrument.install(undici, sink)
    const { dispatch } = undici.Client.prototype
    using _second = undiciInstrument.install(undici, sink)
    expect(undici.Client.prototype.dispatch).toBe(dispatch)
  })

  test('is restored when uninstalled', () => {
    const { dispatch } = undici.Client.prototype
    undiciInstrument.install(undici, sink)[Symbol.dispose]()
    expect(undici.Client.prototype.dispatch).toBe(dispatch)
  })

  test.each(['request', 'fetch'] as const)('a pool used by 50 scopes attributes each %s to its scope', async (call) => {
    using _installed = undiciInstrument.install(undici, sink)
    const dispatcher = new undici.Agent({ connections: 2 })
    const post = async (body: string) => {
      const answer = await undici[call](`${api.origin}/users`, { method: 'POST', body, dispatcher } as never)
      const { body: stream } = answer as { body: { text?(): Promise<string> } }
      await ('text' in answer ? (answer as unknown as Response).text() : stream.text?.())
    }
    const found = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        sink.run(`scope ${i}`, async (scope) => {
          await post(JSON.stringify({ id: `u${i}` }))
          return scope.events
        }),
      ),
    )
    await dispatcher.close()
    expect(found).toEqual(Array.from({ length: 50 }, (_, i) => ['intent POST /users', `created user u${i}`]))
  })
})

test('other modules are not taken for undici', () => {
  for (const other of [undefined, null, {}, { Client: class {} }, () => {}])
    expect(undiciInstrument.accepts(other)).toBe(false)
})
