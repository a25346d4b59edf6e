/** Converts a run's removals and restores from its journals into lines of the audit log. */

import type { EventBody, LedgerEvent, LoggedOutcome, RunMetadata, WriterIdentity } from '../journal/events.ts'
import { isMarked } from '../journal/older-lines.ts'
import type { JournalContent } from '../journal/read.ts'
import type { AuditEntry } from '../ledger/audit-log.ts'
import type { FoldedRun } from '../ledger/folded-run.ts'
import type { Json, Resource, ResourceId } from '../resource/resource.ts'
import { withoutIdentity } from '../resource/store-identity.ts'
import { iso } from './build.ts'
import { isSecretType, redact, redactFor } from './redact.ts'

/** Sorted by time; one line per batch for resources with the same outcome. */
export function auditOf(folded: FoldedRun, journals: readonly JournalContent[]): readonly AuditEntry[] {
  return journals.flatMap(({ events }) => writerEntries(events, folded)).sort((a, b) => (a.at < b.at ? -1 : 1))
}

type Begun = Extract<EventBody, { e: 'removal.begun' | 'restore.begun' }>
type Ended = Extract<EventBody, { e: 'removal.ended' | 'restore.ended' }>
type Writer = WriterIdentity & { readonly metadata: RunMetadata }

function writerEntries(events: readonly LedgerEvent[], { resources }: FoldedRun): AuditEntry[] {
  const writer = events.find((event) => event.e === 'writer')
  if (!writer) return []
  const ended = new Map(events.flatMap((event) => (isEnd(event) ? [[event.batch, event] as const] : [])))
  const begun = events.filter((event) => event.e === 'removal.begun' || event.e === 'restore.begun')
  return begun.flatMap((event) => batchEntries(event, ended.get(event.batch), writer, resources))
}

const isEnd = (event: LedgerEvent): event is Ended & LedgerEvent =>
  event.e === 'removal.ended' || event.e === 'restore.ended'

function batchEntries(
  begun: Begun & { readonly t: number },
  ended: (Ended & { readonly t: number }) | undefined,
  writer: Writer,
  resources: FoldedRun['resources'],
): AuditEntry[] {
  const common = {
    at: iso((ended ?? begun).t),
    what: begun.e === 'removal.begun' ? 'removal' : 'restore',
    ...authorOf(writer),
    run: writer.run,
    batch: begun.batch,
  } as const
  return groupedByOutcome(begun.ids, outcomesOf(ended), resources).map(([members, outcome]) => ({
    v: 1,
    ...common,
    ...placeOf(members),
    ...outcomeFields(outcome, members),
  }))
}

function authorOf({ user = 'unknown', host, job, build, metadata }: Writer): Pick<AuditEntry, 'by' | 'environment'> {
  const by = { user, host, ...(job === undefined ? {} : { job }), ...(build === undefined ? {} : { build }) }
  return { by, environment: metadata.environment }
}

/** The process died in between: what its store did is unknown. */
const unknown = { state: 'unknown' } as const
const restored = { state: 'restored' } as const
const there = { state: 'there' } as const
type AuditedOutcome = LoggedOutcome | typeof unknown | typeof restored | typeof there

function outcomesOf(ended: Ended | undefined): (id: ResourceId) => AuditedOutcome {
  if (ended?.e === 'restore.ended') return restorationsOf(ended)
  const each = new Map(ended?.outcomes)
  const others = ended?.others ?? unknown
  return each.size === 0 ? () => others : (id) => each.get(id) ?? others
}

function restorationsOf({
  there: untouched = [],
  failed = [],
}: Extract<Ended, { e: 'restore.ended' }>): (id: ResourceId) => AuditedOutcome {
  const each = new Map<ResourceId, AuditedOutcome>(untouched.map((id) => [id, there]))
  for (const [id, error] of failed) each.set(id, { state: 'failed', error })
  return (id) => each.get(id) ?? restored
}

function groupedByOutcome(
  ids: readonly ResourceId[],
  outcomeOf: (id: ResourceId) => AuditedOutcome,
  resources: FoldedRun['resources'],
): readonly (readonly [readonly Resource[], AuditedOutcome])[] {
  const groups = new Map<string, { members: Resource[]; outcome: AuditedOutcome }>()
  let before: { members: Resource[]; outcome: AuditedOutcome } | undefined
  for (const id of ids) {
    const resource = resources.get(id)
    if (!resource) continue
    const outcome = outcomeOf(id)
    // Resources of one set mostly have the same outcome.
    if (before?.outcome !== outcome || before.members[0]?.set !== resource.set) {
      const { store, type } = resource.set
      const groupKey = JSON.stringify([store.driver, store.id, type, outcome])
      before = groups.get(groupKey) ?? { members: [], outcome }
      groups.set(groupKey, before)
    }
    before.members.push(resource)
  }
  return [...groups.values()].map(({ members, outcome }) => [members, outcome])
}

function placeOf(members: readonly Resource[]): Pick<AuditEntry, 'driver' | 'store' | 'type' | 'count' | 'keys'> {
  const { store, type } = (members[0] as Resource).set
  return {
    driver: store.driver,
    store: redact(withoutIdentity(store.id)),
    type,
    count: members.length,
    keys: members.map(
      isSecretType(type) ? ({ key }) => redactFor(type, key)(textOf(key)) : ({ key }) => redactedKey(key),
    ),
  }
}

const textOf = (key: Json): string => (typeof key === 'string' ? key : JSON.stringify(key))
const redactedKey = (key: Json): string => (typeof key === 'number' ? String(key) : redact(textOf(key)))

/** A store's answer may quote the keys of the request. */
function withoutKeys(message: string, members: readonly Resource[]): string {
  const secret = members.filter(({ set }) => isSecretType(set.type))
  return secret.reduce((clean, { key, set }) => redactFor(set.type, key)(clean), redact(message))
}

function outcomeFields(
  outcome: AuditedOutcome,
  members: readonly Resource[],
): Pick<AuditEntry, 'result' | 'why' | 'code' | 'message'> {
  if (outcome.state === 'unknown' || outcome.state === 'restored' || outcome.state === 'there')
    return { result: outcome.state }
  const { state, why, error } = outcome
  return {
    result: state === 'removed' && isMarked(outcome) ? 'marked' : state,
    ...(why === undefined ? {} : { why }),
    ...(error === undefined ? {} : { code: error.code, message: withoutKeys(error.message, members) }),
  }
}
