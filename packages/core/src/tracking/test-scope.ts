/** A test's view of its own scope. */
import { type PolicyOverride, strategies, whens } from '../config/cleanup-options.ts'
import { milliseconds } from '../config/duration.ts'
import { invalidArgument } from '../errors/dustpan-error.ts'
import type { Json, ScopeId, State } from '../resource/resource.ts'
import { fillJson, type Values } from '../resource/template.ts'
import { requestHeaders } from './metadata.ts'
import type { Scope } from './scope.ts'
import { type Tracked, trackIn } from './track.ts'
import type { TrackInput } from './track-input.ts'
import { type Tracking, writePolicy } from './tracking.ts'
import { uniqueName } from './unique.ts'

/** A resource that a test has created. */
export interface CreatedResource {
  readonly id: string
  readonly type: string
  readonly key: Json
  readonly store: string
  readonly state: State
  readonly source?: string
}

/** A list of ids collected during a test, all with the same removal. */
export interface TrackedList {
  add(...ids: readonly Json[]): Tracked
}

export interface TestScope {
  readonly id: ScopeId
  readonly runId: string
  /** The resources created so far, oldest first. */
  created(): readonly CreatedResource[]
  /** A name unique to run, worker, test and attempt, recognisable as test data: `test-user-k3f9x2-…`. */
  unique(base: string): string
  /** Overrides the configuration's policy for this test's data. */
  policy(policy: PolicyOverride): void
  /** A list to which ids are added as resources are created. */
  list(input: Omit<TrackInput, 'id' | 'ids'>): TrackedList
  /**
   * Fields that mark test data, for the body of a request or a document: `{ tags: ['test-data'], isTest: true }`,
   * or the setting `metadata.marks`.
   */
  marks(): Record<string, Json>
  /** The headers that name the run and the test, for a client that Dustpan does not capture. */
  headers(): Record<string, string>
}

export function testScope(tracking: Tracking, scope: Scope): TestScope {
  let named = 0
  return {
    id: scope.id,
    runId: tracking.writer.run,
    created: () =>
      scope.resources.map(({ id, key, state, set }) => ({
        id,
        type: set.type,
        key,
        store: set.store.driver,
        state,
        ...(set.source === undefined ? {} : { source: set.source }),
      })),
    unique(base) {
      if (typeof base !== 'string' || base === '')
        throw invalidArgument(`scope().unique() expected a non-empty text, got ${JSON.stringify(base)}.`)
      return uniqueName(base, tracking.writer.run, scope, named++)
    },
    policy(policy) {
      checkPolicy(policy)
      scope.policy = { ...scope.policy, ...policy }
      if (scope.written) writePolicy(tracking, scope)
    },
    list: (input) => ({ add: (...ids) => trackIn(tracking, scope, { ...input, ids }) }),
    marks: () => marksOf(tracking, scope),
    headers: () => requestHeaders(tracking.settings, tracking.writer.run, scope),
  }
}

/** A new copy each time, because the test may change it. */
function marksOf({ settings, writer }: Tracking, { id }: Scope): Record<string, Json> {
  const values: Values = (name) => (name === 'run' ? writer.run : name === 'test' ? `${writer.run}.${id}` : undefined)
  return fillJson(settings.metadata.marks, values) as Record<string, Json>
}

const isRight: { readonly [option: string]: (value: unknown) => boolean } = {
  strategy: (value) => (strategies as readonly unknown[]).includes(value),
  delay: (value) => milliseconds(value) !== undefined,
  when: (value) => (whens as readonly unknown[]).includes(value),
  onSuccess: (value) => typeof value === 'boolean',
  onFailure: (value) => typeof value === 'boolean',
}

function checkPolicy(policy: PolicyOverride): void {
  const wrong = Object.entries(policy ?? { policy }).find(
    ([name, value]) => !Object.hasOwn(isRight, name) || !isRight[name]?.(value),
  )
  if (!wrong) return
  throw invalidArgument(
    `scope().policy() expected { strategy: ${strategies.join(' | ')}, delay: '1h', when: ${whens.join(' | ')}, onSuccess, onFailure: boolean }, got ${wrong[0]}: ${JSON.stringify(wrong[1])}.`,
  )
}
