/** Builds the report of a run or of one scope. */
import type { FoldedRun, FoldedScope } from '../ledger/folded-run.ts'
import {
  type Intent,
  type Json,
  type Resource,
  type ResourceSet,
  type State,
  skippedText,
  states,
} from '../resource/resource.ts'
import type { CleanupReport, Describe, ReportedResource, ReportedRun, ReportedScope, ReportTotals } from './model.ts'
import { policyText } from './policy-text.ts'
import { isSecretType, redact, redactFor } from './redact.ts'

export interface ReportInput {
  readonly of: CleanupReport['of']
  readonly run: ReportedRun
  readonly scopes: Iterable<FoldedScope>
  readonly resources: readonly Resource[]
  readonly intents: Iterable<Intent>
  readonly warnings: readonly { readonly code: string; readonly message: string }[]
  readonly describe: Describe
  /** Maximum number of removed resources listed per scope. @default all */
  readonly maxRemoved?: number
}

export function buildReport({
  of,
  run,
  scopes,
  resources,
  intents,
  warnings,
  describe,
  maxRemoved,
}: ReportInput): CleanupReport {
  const unresolved = [...intents].map(({ intent, via, store, at, source }) => ({
    id: intent,
    via: redact(via),
    store: store.driver,
    at: iso(at),
    ...(source === undefined ? {} : { source: redact(source) }),
  }))
  return {
    schema: 'dustpan.report/1',
    of,
    run,
    totals: totalsOf(resources, unresolved.length),
    scopes: reportedScopes(scopes, resources, describe, maxRemoved),
    intents: unresolved,
    warnings: warnings.map(({ code, message }) => ({ code, message: redact(message) })),
  }
}

/** The report of a whole run, from its folded ledger. */
export function runReport(folded: FoldedRun, describe: Describe, maxRemoved?: number): CleanupReport {
  return buildReport({
    of: 'run',
    run: reportedRun(folded),
    scopes: folded.scopes.values(),
    resources: [...folded.resources.values()],
    intents: folded.intents.values(),
    warnings: folded.warnings,
    describe,
    ...(maxRemoved === undefined ? {} : { maxRemoved }),
  })
}

export function reportedRun({ id, writers, metadata, startedAt, endedAt, ended }: FoldedRun): ReportedRun {
  const main = writers.find(({ role }) => role === 'main') ?? writers[0]
  return {
    id,
    ...(main?.build === undefined ? {} : { build: main.build }),
    ...(main?.parentRun === undefined ? {} : { parentRun: main.parentRun }),
    runner: main?.runner ?? 'unknown',
    environment: metadata?.environment ?? 'unknown',
    strategy: metadata?.strategy ?? 'unknown',
    ...(metadata?.shadow ? { shadow: true } : {}),
    ...(metadata?.shadowReason === undefined ? {} : { shadowReason: metadata.shadowReason }),
    ...(metadata?.projectVersion === undefined ? {} : { projectVersion: metadata.projectVersion }),
    ...(metadata?.branch === undefined ? {} : { branch: redact(metadata.branch) }),
    agent: metadata?.agent ?? 'unknown',
    createdBy: metadata?.createdBy ?? 'dustpan',
    startedAt: iso(startedAt),
    ...(endedAt === undefined ? {} : { endedAt: iso(endedAt) }),
    ...(ended === undefined ? {} : { ended }),
  }
}

export function totalsOf(
  resources: readonly Pick<Resource, 'state' | 'why' | 'durationMs'>[],
  unresolvedIntents: number,
): ReportTotals {
  const counts = Object.fromEntries(states.map((state) => [state, 0])) as Record<State, number>
  let [durationMs, neverSeen] = [0, 0]
  for (const resource of resources) {
    counts[resource.state]++
    if (resource.why === 'never-seen') neverSeen++
    durationMs += resource.durationMs
  }
  return {
    ...counts,
    ...(neverSeen > 0 ? { neverSeen } : {}),
    ...{ tracked: resources.length, unresolvedIntents, durationMs: Math.round(durationMs * 10) / 10 },
  }
}

/** Only scopes in which something was created; resources without a known scope get a scope of their own. */
function reportedScopes(
  scopes: Iterable<FoldedScope>,
  resources: readonly Resource[],
  describe: Describe,
  maxRemoved = Number.POSITIVE_INFINITY,
): readonly ReportedScope[] {
  const byScope = Map.groupBy(resources, ({ scope }) => scope)
  const known = [...scopes].filter(({ id }) => byScope.has(id))
  const named = new Set(known.map(({ id }) => id))
  const strays = [...byScope.keys()].filter((id) => !named.has(id))
  const all: readonly FoldedScope[] = [...known, ...strays.map((id): FoldedScope => ({ id, kind: 'run', attempt: 0 }))]
  return all.map(({ in: _in, policy: _policy, closedAt: _at, until, file, path, why, ...scope }) => ({
    ...scope,
    ...(file === undefined ? {} : { file: redact(file) }),
    ...(path === undefined ? {} : { path: path.map(redact) }),
    ...(why === undefined ? {} : { why: redact(policyText(why)) }),
    ...(why === 'strategy-delayed' ? { delayed: true } : {}),
    ...(until === undefined ? {} : { keptUntil: iso(until) }),
    ...listedResources(byScope.get(scope.id) ?? [], describe, maxRemoved),
  }))
}

/** Lists everything that needs attention, the first removed resources, and the number of omitted ones. */
function listedResources(
  resources: readonly Resource[],
  describe: Describe,
  maxRemoved: number,
): Pick<ReportedScope, 'resources' | 'omitted'> {
  let removed = 0
  const listed = resources.filter(({ state }) => state !== 'removed' || removed++ < maxRemoved)
  const omitted = resources.length - listed.length
  return {
    ...(omitted === 0 ? {} : { omitted }),
    resources: listed.map((resource) => reportedResource(resource, describe)),
  }
}

export function reportedResource(resource: Resource, describe: Describe): ReportedResource {
  const { id, key, set, state, result, why, error, attempts, durationMs, createdAt } = resource
  const { mayBeSecret, shared } = commonOf(set)
  const clean = mayBeSecret ? redactFor(set.type, key) : redact
  const reported: Writable<ReportedResource> = {
    id,
    type: set.type,
    key: typeof key === 'number' ? String(key) : clean(keyText(key)),
    store: set.store.driver,
    removal: clean(describe(resource)),
    state,
    ...shared,
    attempts,
    durationMs: Math.round(durationMs * 10) / 10,
    createdAt: iso(createdAt),
  }
  if (result !== undefined) reported.result = clean(withSkipped(result, resource))
  if (why !== undefined) reported.why = clean(policyText(why))
  if (resource.backup) reported.backup = true
  if (error !== undefined) reported.error = cleanError(error, clean)
  return reported
}

/** Adds the removal steps whose conditions did not hold. */
const withSkipped = (result: string, { skipped }: Resource): string =>
  skipped === undefined ? result : `${result}, ${skippedText(skipped)}`

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface CommonParts {
  readonly mayBeSecret: boolean
  readonly shared: Pick<ReportedResource, 'proof' | 'origin' | 'attributed' | 'lifetime' | 'source' | 'tags'>
}

let last: { readonly set: ResourceSet; readonly common: CommonParts } | undefined

/** The common parts of a set's resources, computed once. */
function commonOf(set: ResourceSet): CommonParts {
  if (last?.set === set) return last.common
  const { proof, origin, attributed, lifetime, source, tags, type } = set
  const shared = {
    proof: proof.strength,
    origin,
    attributed,
    lifetime,
    ...(source === undefined ? {} : { source: redact(source) }),
    ...(tags === undefined ? {} : { tags: tags.map(redact) }),
  }
  last = { set, common: { mayBeSecret: isSecretType(type), shared } }
  return last.common
}

const keyText = (key: Json): string => (typeof key === 'object' ? JSON.stringify(key) : String(key))

const cleanError = (
  { code, message, hint }: NonNullable<Resource['error']>,
  clean: (text: string) => string,
): NonNullable<ReportedResource['error']> => ({
  code,
  message: clean(message),
  ...(hint === undefined ? {} : { hint: clean(hint) }),
})

let lastIso = { at: Number.NaN, text: '' }
/** Resources created together have the same time: the last text is cached. */
export function iso(at: number): string {
  if (lastIso.at !== at) lastIso = { at, text: new Date(at).toISOString() }
  return lastIso.text
}
