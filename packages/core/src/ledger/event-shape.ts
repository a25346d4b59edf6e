/** Whether a line is an event: a file may be torn, or changed by somebody. */
import type { EventBody, LedgerEvent } from './events.ts'

type Kind = 'text' | 'number' | 'list' | 'object'

/** What the fold and the cleanup rely on. */
const required: { readonly [E in EventBody['e']]: Readonly<Record<string, Kind>> } = {
  writer: { writer: 'text', metadata: 'object' },
  'scope.opened': { scope: 'text', kind: 'text' },
  'create.intended': { intent: 'text', scope: 'text', store: 'object', type: 'text', via: 'text', at: 'number' },
  'create.none': { intent: 'text' },
  created: { scope: 'text', set: 'text', type: 'text', keys: 'list', store: 'object', steps: 'list', proof: 'object' },
  'tx.settled': { tx: 'text' },
  gone: { ids: 'list' },
  'scope.closed': { scope: 'text' },
  policy: { scope: 'text', policy: 'object' },
  kept: { ids: 'list' },
  'removal.begun': { batch: 'text', ids: 'list' },
  'removal.ended': { batch: 'text', outcomes: 'list' },
  'removal.noted': { ids: 'list' },
  'step.skipped': { ids: 'list', why: 'text' },
  released: { ids: 'list' },
  forgotten: { ids: 'list' },
  warning: { code: 'text', message: 'text' },
  'run.ended': {},
}

/** Events of a kind that this version does not know are taken, and left alone by the fold. */
export function isLedgerEvent(value: unknown): value is LedgerEvent {
  if (!is('object', value)) return false
  const { v, n, t, e, ...body } = value as Record<string, unknown>
  if (v !== 1 || !is('number', n) || !is('number', t) || !is('text', e)) return false
  const fields = Object.hasOwn(required, e as string) ? required[e as EventBody['e']] : {}
  return Object.entries(fields).every(([name, kind]) => is(kind, body[name]))
}

function is(kind: Kind, value: unknown): boolean {
  if (kind === 'list') return Array.isArray(value)
  if (kind === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  return kind === 'text' ? typeof value === 'string' : Number.isFinite(value)
}
