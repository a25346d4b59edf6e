/** Checks whether a parsed line is an event: the file may be torn, or edited by hand. */
import type { EventBody, LedgerEvent } from './events.ts'

type Basic = 'text' | 'number' | 'list' | 'object'
/** `text[]`: a list of texts; `text>object`: a list of pairs; `?`: optional. */
type Kind = Basic | `${Basic}[]` | `${Basic}>${Basic}`
type Shape = Kind | `${Kind}?`

type Test = (value: unknown) => boolean

const isBasic: Readonly<Record<Basic, Test>> = {
  text: (value) => typeof value === 'string',
  number: Number.isFinite,
  list: Array.isArray,
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
}

function testOf(shape: Shape): Test {
  if (shape.endsWith('?')) return optional(testOf(shape.slice(0, -1) as Kind))
  if (shape.endsWith('[]')) return listOf(isBasic[shape.slice(0, -2) as Basic])
  const [first, second] = shape.split('>').map((basic) => isBasic[basic as Basic]) as [Test, Test?]
  return second ? listOf((pair) => Array.isArray(pair) && first(pair[0]) && second(pair[1])) : first
}

const optional =
  (test: Test): Test =>
  (value) =>
    value === undefined || test(value)

const listOf =
  (test: Test): Test =>
  (value) =>
    Array.isArray(value) && value.every(test)

/** The fields that the fold and the cleanup rely on. */
const required: { readonly [E in EventBody['e']]: Readonly<Record<string, Shape>> } = {
  writer: { writer: 'text', metadata: 'object' },
  alive: {},
  'scope.opened': { scope: 'text', kind: 'text' },
  'create.intended': { intent: 'text', scope: 'text', store: 'object', type: 'text', via: 'text', at: 'number' },
  'create.none': { intent: 'text' },
  created: {
    scope: 'text',
    set: 'text',
    type: 'text',
    keys: 'list',
    store: 'object',
    steps: 'object[]',
    proof: 'object',
  },
  'tx.committing': { tx: 'text' },
  'tx.settled': { tx: 'text' },
  gone: { ids: 'text[]' },
  'scope.closed': { scope: 'text' },
  policy: { scope: 'text', policy: 'object' },
  kept: { ids: 'text[]' },
  'removal.begun': { batch: 'text', ids: 'text[]' },
  'removal.ended': { batch: 'text', outcomes: 'text>object', others: 'object?' },
  'removal.backed-up': { batch: 'text', ids: 'text[]?' },
  'restore.begun': { batch: 'text', ids: 'text[]', after: 'number' },
  'restore.ended': { batch: 'text', there: 'text[]?', failed: 'text>object?', unsure: 'text[]?' },
  'removal.noted': { ids: 'text[]' },
  followed: { told: 'text>text' },
  'step.skipped': { ids: 'text[]', step: 'number?', why: 'text' },
  released: { ids: 'text[]' },
  forgotten: { ids: 'text[]' },
  warning: { code: 'text', message: 'text' },
  'run.ended': {},
}

const fields = new Map(
  Object.entries(required).map(([e, shapes]) => [
    e,
    Object.entries(shapes).map(([name, shape]) => [name, testOf(shape)] as const),
  ]),
)

/** Events of unknown kinds (of a newer version) are accepted; the fold ignores them. */
export function isLedgerEvent(value: unknown): value is LedgerEvent {
  if (!isBasic.object(value)) return false
  const body = value as Record<string, unknown>
  const { v, n, t, e } = body
  if (v !== 1 || !isBasic.number(n) || !isBasic.number(t) || !isBasic.text(e)) return false
  return (fields.get(e as string) ?? []).every(([name, test]) => test(body[name]))
}
