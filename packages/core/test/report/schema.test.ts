import schema from '@dustpan/core/report.schema.json' with { type: 'json' }
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { narrowReport } from '../../src/report/narrow.ts'
import { type State, states } from '../../src/resource/resource.ts'
import { reportOf } from './reports.ts'

const ajv = new Ajv2020({
  strict: true,
  formats: { 'date-time': (text: string) => new Date(text).toISOString() === text },
})
const validate = ajv.compile(closed(schema) as typeof schema)

/** The published schema allows additional properties; here each must be described. */
function closed(node: unknown, id = false): unknown {
  if (Array.isArray(node)) return node.map((item) => closed(item))
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([name, value]) => [name, closed(value)])
  return Object.fromEntries(!id && 'properties' in node ? [...entries, ['additionalProperties', false]] : entries)
}

const error = { code: 'DUSTPAN_NOT_OURS', message: 'It is another one.', hint: 'Look.' }
const made = (state: State) => ({
  ...{ type: 'user', keys: [7, [1, 'b']], state, result: '200 OK', source: 'a.test.ts:1' },
  ...(state === 'failed' || state === 'refused' ? { error, why: 'not-ours' } : {}),
})

test.for(states)('a report with a resource that is %s matches the schema', (state) => {
  const report = reportOf({ one: [made(state)] })
  expect(report.totals[state]).toBe(2)
  expect(validate(report) || validate.errors).toBe(true)
  expect(validate(narrowReport(report, new Set())) || validate.errors).toBe(true)
})

test('a report with unresolved creates, warnings and an end matches the schema', () => {
  const store = { driver: 'http', id: 'http://localhost' }
  const report = reportOf({}, [
    { e: 'create.intended', scope: 's', intent: 'i', store, type: 'user', via: 'POST /users', at: 0, source: 'a.ts:1' },
    { e: 'warning', code: 'DUSTPAN_NO_ID', message: 'POST /things told of no id.' },
    { e: 'run.ended', reason: 'interrupted' },
  ])
  expect(validate(report) || validate.errors).toBe(true)
})

test('an invalid report does not match the schema', () => {
  const report = reportOf({ one: [made('removed')] })
  expect(validate({ ...report, schema: 'dustpan.report/2' })).toBe(false)
  expect(validate({ ...report, totals: { ...report.totals, kept: -1 } })).toBe(false)
  expect(validate({ ...report, extra: 1 })).toBe(false)
})
