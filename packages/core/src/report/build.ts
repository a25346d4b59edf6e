/** From what is known of a run or of one scope to its report. */
import type { FoldedRun, FoldedScope } from '../ledger/fold.ts'
import { type Intent, type Resource, type State, states } from '../resource/resource.ts'
import type { CleanupReport, Describe, ReportedResource, ReportedRun, ReportedScope, ReportTotals } from './model.ts'
import { redact } from './redact.ts'

export interface ReportInput {
  readonly of: CleanupReport['of']
  readonly run: ReportedRun
  readonly scopes: Iterable<FoldedScope>
  readonly resources: readonly Resource[]
  readonly intents: Iterable<Intent>
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
  readonly describe: Describe
}

export function buildReport({ of, run, scopes, resources, intents, warnings, describe }: ReportInput): CleanupReport {
  const unresolved = [...intents].map(({ intent, via, store, at, source }) => ({
    id: intent,
    via: redact(via),
    store: store.driver,
    at: iso(at),
    ...(source === undefined ? {} : { source }),
  }))
  return {
    schema: 'dustpan.report/1',
    of,
    run,
    totals: totalsOf(resources, unresolved.length),
    scopes: reportedScopes(scopes, resources, describe),
    intents: unresolved,
    warnings: warnings.map(({ code, message }) => ({ code, message: redact(message) })),
  }
}

/** The report of a whole run, from its folded ledger. */
export function runReport(folded: FoldedRun, describe: Describe): CleanupReport {
  return buildReport({
    of: 'run',
    run: reportedRun(folded),
    scopes: folded.scopes.values(),
    resources: [...folded.resources.values()],
    intents: folded.intents.values(),
    warnings: folded.warnings,
    describe,
  })
}

function reportedRun({ id, writers, metadata, startedAt, endedAt, ended }: FoldedRun): ReportedRun {
  const main = writers.find(({ role }) => role === 'main') ?? writers[0]
  return {
    id,
    ...(main?.build === undefined ? {} : { build: main.build }),
    ...(main?.parentRun === undefined ? {} : { parentRun: main.parentRun }),
    runner: main?.runner ?? 'unknown',
    environment: metadata?.environment ?? 'unknown',
    strategy: metadata?.strategy ?? 'unknown',
    ...(metadata?.projectVersion === undefined ? {} : { projectVersion: metadata.projectVersion }),
    agent: metadata?.agent ?? 'unknown',
    createdBy: metadata?.createdBy ?? 'dustpan',
    startedAt: iso(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(ended === undefined ? {} : { ended }),
  }
}

function totalsOf(resources: readonly Resource[], unresolvedIntents: number): ReportTotals {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>
  let durationMs = 0
  for (const resource of resources) {
    counts[resource.state]++
    durationMs += resource.durationMs
  }
  return { ...counts, tracked: resources.length, unresolvedIntents, durationMs: Math.round(durationMs * 10) / 10 }
}

/** Only scopes in which something was created; what has no known scope is told under one of its own. */
function reportedScopes(
  scopes: Iterable<FoldedScope>,
  resources: readonly Resource[],
  describe: Describe,
): readonly ReportedScope[] {
  const byScope = Map.groupBy(resources, ({ scope }) => scope)
  const known = [...scopes].filter(({ id }) => byScope.has(id))
  const strays = [...byScope.keys()].filter((id) => !known.some((scope) => scope.id === id))
  const all: readonly FoldedScope[] = [...known, ...strays.map((id): FoldedScope => ({ id, kind: 'run', attempt: 0 }))]
  return all.map(({ in: _in, until: _until, ...scope }) => ({
    ...scope,
    resources: (byScope.get(scope.id) ?? []).map((resource) => reportedResource(resource, describe)),
  }))
}

function reportedResource(resource: Resource, describe: Describe): ReportedResource {
  const { id, key, set, state, result, why, error, attempts, durationMs, createdAt } = resource
  return {
    id,
    type: set.type,
    key: redact(typeof key === 'object' ? JSON.stringify(key) : String(key)),
    store: set.store.driver,
    removal: redact(describe(resource)),
    ...(result === undefined ? {} : { result }),
    state,
    ...(why === undefined ? {} : { why }),
    proof: set.proof.strength,
    origin: set.origin,
    attributed: set.attributed,
    lifetime: set.lifetime,
    attempts,
    durationMs: Math.round(durationMs * 10) / 10,
    createdAt: iso(createdAt),
    ...(error === undefined ? {} : { error: redactError(error) }),
    ...(set.source === undefined ? {} : { source: set.source }),
    ...(set.tags === undefined ? {} : { tags: set.tags }),
  }
}

const redactError = ({ code, message, hint }: NonNullable<Resource['error']>) => ({
  code,
  message: redact(message),
  ...(hint === undefined ? {} : { hint: redact(hint) }),
})

const iso = (at: number): string => new Date(at).toISOString()
