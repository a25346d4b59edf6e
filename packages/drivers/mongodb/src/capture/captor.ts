import { type CaptureSink, decidingRules, type StoreSeen } from '@dustpan/core/driver'
import type { Ejson } from '../mongo.ts'
import type { CaptureRules } from './rules.ts'

/** The owner of a capture: a driver instance, or a call of `capture(client)`. */
export interface Captor {
  readonly sink: CaptureSink
  readonly rules: CaptureRules
  /** EJSON of the captured copy of the library, if it is known. */
  readonly ejson: Ejson | undefined
  /** Patches to undo. */
  readonly installed: Set<Disposable>
  /** Classes that it has patched. */
  readonly seen: WeakSet<object>
}

export type Captors = ReadonlySet<Captor>

/** The captor of the instance that records will name; otherwise any, since they share one run. */
export function captorFor(captors: Captors, store: StoreSeen): Captor | undefined {
  if (captors.size === 1) return captors.values().next().value
  const all = [...captors]
  const deciding = decidingRules(
    all.map(({ rules }) => rules),
    store,
  )
  return all.find(({ rules }) => rules === deciding) ?? all[0]
}
