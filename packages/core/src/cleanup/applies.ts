/** Evaluates the conditions (`when`) of removal steps when the removal is due. */
import {
  type Condition,
  isUnreachable,
  type Removal,
  type Resource,
  type SkippedStep,
  skippedText,
  type Verdict,
} from '../resource/resource.ts'
import type { CleanupContext } from './context.ts'

export interface Sorted {
  /** Resources whose condition is met, or that have none. */
  readonly met: readonly Resource[]
  /** Resources that go on to their next step. */
  readonly unmet: readonly Resource[]
}

/** Records the reason for each resource whose condition is not met. */
export function sortByCondition(resources: readonly Resource[], step: number, ctx: CleanupContext): Sorted {
  if (!resources.some(({ set }) => conditionOf(set.steps[step]))) return { met: resources, unmet: [] }
  const byReason = Map.groupBy(resources, (resource) => unmetAt(resource, step, ctx))
  const met = byReason.get(undefined) ?? []
  byReason.delete(undefined)
  for (const [why, members] of byReason) skip(members, step, why as string, ctx)
  return { met, unmet: [...byReason.values()].flat() }
}

/** Keeps resources whose steps were all skipped; a resource that failed before its last step was skipped stays failed. */
export function keepSkipped(resources: readonly Resource[], ctx: CleanupContext): void {
  const left = resources.filter((one) => one.state !== 'failed' && one.state !== 'lost' && !isUnreachable(one))
  for (const [why, members] of Map.groupBy(left, ({ skipped = [] }) => skippedText(skipped))) {
    ctx.write({ e: 'kept', ids: members.map(({ id }) => id), why })
    for (const resource of members) Object.assign(resource, { state: 'kept', why })
  }
}

const conditionOf = (step: Resource['set']['steps'][number] | undefined): Condition | undefined =>
  (step as Removal | undefined)?.when

function skip(resources: readonly Resource[], step: number, unmet: string, ctx: CleanupContext): void {
  const skipped: SkippedStep = { step: step + 1, why: unmet }
  ctx.write({ e: 'step.skipped', ids: resources.map(({ id }) => id), ...skipped })
  for (const resource of resources) resource.skipped = [...(step === 0 ? [] : (resource.skipped ?? [])), skipped]
}

/** The unmet condition in words; undefined if all are met. */
function unmetAt(resource: Resource, step: number, ctx: CleanupContext): string | undefined {
  const { set, scope, skipped } = resource
  const condition = conditionOf(set.steps[step])
  if (!condition) return undefined
  const { environment, outcome, env, earlier, answer } = condition
  const { environmentName } = ctx.settings
  if (environment !== undefined && !includes(environment, environmentName)) return `environment is ${environmentName}`
  const verdict: Verdict = ctx.verdictOf(scope) ?? 'lost'
  if (outcome !== undefined && !includes(outcome, verdict)) return `the outcome is ${verdict}`
  if (env !== undefined && !isSet(env)) return `${env} is not met`
  if (answer === false) return 'the response that created it does not match'
  if (earlier === undefined) return undefined
  const state = isUnreachable(resource) ? 'failed' : resource.state
  const before = step === 0 ? 'none' : skipped?.some((one) => one.step === step) ? 'skipped' : state
  return before === earlier ? undefined : step === 0 ? 'there is no previous step' : `the previous step was ${before}`
}

const includes = (wanted: string | readonly string[], value: string): boolean => [wanted].flat().includes(value)

/** `NAME`, or `NAME = value`. */
function isSet(condition: string): boolean {
  const [name = '', wanted] = condition.split('=').map((part) => part.trim())
  const value = process.env[name] ?? ''
  return wanted === undefined ? !['', '0', 'false'].includes(value) : value === wanted
}
