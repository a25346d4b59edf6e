/** Requests that others send and an adapter sees: a browser's. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { type HttpCapture, startHttpCapture } from '../../src/http-capture/capture.ts'
import type { Exchange, SentRequest } from '../../src/http-capture/exchange.ts'
import { type RecordedScope, type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: HttpCapture

beforeEach(() => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: { origins: ['http://shop.test'] } }])
  onTestFinished(() => capture[Symbol.dispose]())
})

/** What a scope knows after a request, and what its exchange is told. */
function seen(request: Partial<SentRequest>, tell: (exchange: Exchange) => void): readonly string[] | undefined {
  return sink.run('a', (scope: RecordedScope) => {
    const exchange = capture.seen({
      method: 'POST',
      origin: 'http://shop.test',
      path: '/users',
      headers: () => [],
      ...request,
    })
    if (!exchange) return undefined
    expect(capture.underway).toBe(1)
    tell(exchange)
    expect(capture.underway).toBe(0)
    return scope.events
  })
}

const head = (more = {}) => ({ status: 201, header: () => undefined, real: true, ...more })

test('the intent is there with the request, the fact with the end of the answer', () => {
  const events = seen({}, (exchange) => {
    expect(exchange.answered(head())).toBe(true)
    exchange.receives('{"id":7}')
    exchange.ended()
  })
  expect(events).toEqual(['intent POST /users', 'created user 7'])
})

test('an answer that a mock gave creates nothing, and neither does one that tells of no creation', () => {
  expect(seen({}, (exchange) => exchange.answered(head({ real: false })))).toEqual([
    'intent POST /users',
    'none mocked',
  ])
  expect(seen({}, (exchange) => exchange.answered(head({ status: 409 })))).toEqual([
    'intent POST /users',
    'none rejected',
  ])
})

test('a request that was never sent creates nothing; of one that was sent without an answer the intent stays', () => {
  expect(seen({}, (exchange) => exchange.failed(false))).toEqual(['intent POST /users', 'none rejected'])
  expect(seen({}, (exchange) => exchange.failed(true))).toEqual(['intent POST /users'])
})

test('requests that only read, and those to other origins, are not looked at', () => {
  const never = () => expect.unreachable()
  expect(seen({ method: 'GET' }, never)).toBeUndefined()
  expect(seen({ origin: 'http://elsewhere.test' }, never)).toBeUndefined()
})
