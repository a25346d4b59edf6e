import type { InstanceRules } from '@dustpan/core/driver'
import type { MarkOptions } from '../options.ts'

/** The capture rules of one driver instance. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreCollections: readonly string[]
  readonly mark: MarkOptions | undefined
}

/** Captures all collections; for a client that was passed to `capture()` without a configuration. */
export function everything(): CaptureRules {
  return { serves: () => false, ignoreCollections: [], mark: undefined }
}
