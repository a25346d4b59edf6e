/** Reads and checks a call: its route, body and test. */
import type { Call } from './call.ts'
import { type CallingTest, callingTest } from './guard/test-id.ts'
import { badInput, Refusal } from './refusal.ts'
import type { Route } from './route.ts'
import type { Settings } from './settings.ts'
import type { Fields } from './store.ts'

export interface ParsedCall {
  readonly route: Route
  readonly query: URLSearchParams
  readonly body: Fields
  /** Required by `create` and `verify-access` only. */
  readonly test: CallingTest | undefined
}

const needsTestId = new Set<Route['operation']>(['verify-access', 'create'])

/** @throws Refusal 400, 413, 415 */
export async function parseCall(call: Call, route: Route, settings: Settings): Promise<ParsedCall> {
  const body = await readBody(call, settings.bodyLimit)
  const id = call.header('x-test-id') ?? body.testId
  if (body.testId !== undefined && body.testId !== id) throw badInput('testId: the header X-Test-ID says otherwise')
  if (id === undefined && !needsTestId.has(route.operation)) return { route, query: call.query, body, test: undefined }
  if (typeof id !== 'string') throw new Refusal(400, 'test-id', 'Invalid or missing test id: send it as X-Test-ID')
  return { route, query: call.query, body, test: callingTest(id, body, settings) }
}

async function readBody(call: Call, limit: number): Promise<Fields> {
  const type = call.header('content-type')
  const content = await call.body(limit)
  if (content === undefined || content === '') return {}
  if (!/^application\/json *(;|$)/i.test(type ?? '')) throw new Refusal(415, 'not-json', 'Expected application/json')
  const body = typeof content === 'string' ? parseJson(content) : content
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badInput('Expected a JSON object')
  return body as Fields
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badInput('Expected JSON')
  }
}
