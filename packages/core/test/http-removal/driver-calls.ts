/** Calls the HTTP driver as the pipeline does, for a service of the test's own. */
import { onTestFinished } from 'vitest'
import { createHttpDriver } from '../../src/http/driver.ts'
import type { RemovalContext, StoreConnection } from '../../src/resource/connection.ts'
import type { Driver } from '../../src/resource/driver.ts'
import type { HttpOptions } from '../../src/resource/http-options.ts'
import type { Profile } from '../../src/resource/profile.ts'
import type { Json } from '../../src/resource/resource.ts'
import type { RemovalOutcome, Target } from '../../src/resource/target.ts'

const local: Profile = {
  ...{ remove: true, deletion: 'configured', database: true, byPredicate: 'confirmed', reset: false, limit: 1000 },
}

export function httpDriver(options: HttpOptions = {}, profile: Partial<Profile> = {}): Driver {
  const functions = { cleaner: () => undefined, driverOption: () => undefined }
  return createHttpDriver('http', options, {
    ...{ root: '/', environment: 'staging', functions, profile: { ...local, ...profile } },
  })
}

export async function connectTo(
  origin: string,
  options: HttpOptions = {},
  profile: Partial<Profile> = {},
): Promise<StoreConnection> {
  const context = { signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY }
  const connection = await httpDriver(options, profile).connect({ driver: 'http', id: origin }, context)
  onTestFinished(() => connection[Symbol.asyncDispose]())
  return connection
}

/** Targets as `track()` records them: all with the same removal. */
export function targets(origin: string, keys: readonly Json[], spec: { readonly [part: string]: Json }): Target[] {
  const given = httpDriver().removal?.({ ...spec, url: origin + String(spec.url) }, keys)
  return keys.map((key) => ({
    ...{ id: `set.${String(key)}`, type: 'item', key, proof: { strength: 'key-only' }, createdAt: 0 },
    removal: given?.removal as Target['removal'],
  }))
}

export const removalContext = (more: Partial<RemovalContext> = {}): RemovalContext => ({
  ...{ signal: new AbortController().signal, deadline: Number.POSITIVE_INFINITY },
  ...{ attempt: 1, batch: 'b', run: 'r', verify: 'auto' },
  ...more,
})

/** Counts outcomes: `{ 'removed 200 OK': 97, 'failed DUSTPAN_REMOVAL_FAILED': 3 }`. */
export function tallied(outcomes: ReadonlyMap<string, RemovalOutcome>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const outcome of outcomes.values()) {
    const end = summary(outcome)
    counts[end] = (counts[end] ?? 0) + 1
  }
  return counts
}

export function summary(outcome: RemovalOutcome | undefined): string {
  if (outcome?.state === 'failed') return `failed ${outcome.error.code}`
  if (outcome?.state === 'pending') return `pending ${outcome.why}`
  if (outcome?.state === 'refused') return `refused ${outcome.why}`
  return outcome?.result === undefined ? String(outcome?.state) : `${outcome.state} ${outcome.result}`
}

export const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1)
