import { type CaptureSink, decidingRules, type StoreSeen } from '@dustpan/core/driver'
import type { Ejson } from '../mongo.ts'
import type { CaptureRules } from './rules.ts'

/** Who captures: one driver instance, or `capture(client)`. */
export interface Captor {
  readonly sink: CaptureSink
  readonly rules: CaptureRules
  /** Of the copy of the library that is captured, where that was handed over. */
  readonly ejson: Ejson | undefined
  /** What is to be undone. */
  readonly installed: Set<Disposable>
  /** Classes that it has found. */
  readonly seen: WeakSet<object>
}

export type Captors = ReadonlySet<Captor>

/** That of the instance that is named in the record, else any: they share one run. */
export function captorFor(captors: Captors, store: StoreSeen): Captor | undefined {
  if (captors.size === 1) return captors.values().next().value
  const all = [...captors]
  const deciding = decidingRules(
    all.map(({ rules }) => rules),
    store,
  )
  return all.find(({ rules }) => rules === deciding) ?? all[0]
}
