import type { InstanceRules } from '@dustpan/core/driver'
import type { MarkOptions } from '../options.ts'

/** One driver instance's say in what is captured. */
export interface CaptureRules extends InstanceRules {
  readonly ignoreCollections: readonly string[]
  readonly mark: MarkOptions | undefined
}

/** For a client that was handed over without a configuration. */
export function everything(): CaptureRules {
  return { serves: () => false, ignoreCollections: [], mark: undefined }
}
