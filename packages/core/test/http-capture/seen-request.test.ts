/** Requests reported by an adapter, such as a browser's. */
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { Exchange, SentRequest } from '../../src/http-answers/exchange.ts'
import { type HttpCapture, startHttpCapture } from '../../src/http-capture/capture.ts'
import { type RecordedScope, type RecordingSink, recordingSink } from './recording-sink.ts'

let sink: RecordingSink
let capture: HttpCapture

beforeEach(() => {
  sink = recordingSink()
  capture = startHttpCapture(sink, [{ name: 'http', options: { origins: ['http://shop.test'] } }])
  onTestFinished(() => capture[Symbol.dispose]())
})

/** The recorded events of a request whose exchange is driven by `drive`. */
function seen(request: Partial<SentRequest>, drive: (exchange: Exchange) => void): readonly string[] | undefined {
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
    drive(exchange)
    expect(capture.underway).toBe(0)
    return scope.events
  })
}

const head = (more = {}) => ({ status: 201, header: () => undefined, real: true, ...more })

test('the intent is recorded with the request, the creation at the end of the response', () => {
  const events = seen({}, (exchange) => {
    expect(exchange.answered(head())).toBe(true)
    exchange.receives('{"id":7}')
    exchange.ended()
  })
  expect(events).toEqual(['intent POST /users', 'created user 7'])
})

test('a mocked response and a response without a creation create nothing', () => {
  expect(seen({}, (exchange) => exchange.answered(head({ real: false })))).toEqual([
    'intent POST /users',
    'none mocked',
  ])
  expect(seen({}, (exchange) => exchange.answered(head({ status: 409 })))).toEqual([
    'intent POST /users',
    'none rejected',
  ])
})

test('a request that was not sent is rejected, and one without a response keeps its intent open', () => {
  expect(seen({}, (exchange) => exchange.failed(false))).toEqual(['intent POST /users', 'none rejected'])
  expect(seen({}, (exchange) => exchange.failed(true))).toEqual(['intent POST /users'])
})

test('GET requests and other origins are not captured', () => {
  const never = () => expect.unreachable()
  expect(seen({ method: 'GET' }, never)).toBeUndefined()
  expect(seen({ origin: 'http://elsewhere.test' }, never)).toBeUndefined()
})
