/** The variables that a preparing job passes on: ids for the test jobs, and the record for the job that cleans up. */

import { DustpanError, type PrepareContext } from '@dustpan/core'
import { carriedRun, packRun, type Settings, typesWithSecrets } from '@dustpan/core/ledger'
import type { CiPrepareOptions } from '../commands/ci.ts'
import type { Outputs, Variables } from './outputs.ts'

type Options = Pick<CiPrepareOptions, 'record'>

export const ids = ({ testId, build }: PrepareContext): Variables => ({ TEST_ID: testId, TEST_BUILD_ID: build })

/** All variables after a successful preparation. @throws DustpanError `DUSTPAN_RECORD_NOT_HANDED_ON` */
export function preparedVariables(
  { dir }: Settings,
  context: PrepareContext,
  others: Variables,
  { exceedsLimit }: Outputs,
  { record }: Options,
): Variables {
  const carried = carriedRun(dir, context.testId, context.build)
  const [type] = record ? typesWithSecrets(carried) : []
  if (type !== undefined) throw notPassedOn(`the key of a ${type} may be a secret, and many can read outputs`)
  const text = record ? { DUSTPAN_RECORD: packRun(carried) } : {}
  const all: Variables = { ...ids(context), ...others, ...text }
  const limit = exceedsLimit(all)
  if (limit === undefined) return all
  const kilobytes = Math.ceil(Buffer.byteLength(Object.values(all).join()) / 1024)
  throw notPassedOn(`the outputs would be ${kilobytes.toLocaleString('en')} KB, and ${limit}`)
}

/** Variables for the job that cleans up, after a failure. If nothing is left, the record is empty. */
export function variablesAfterFailure(
  settings: Settings,
  context: PrepareContext,
  left: number,
  outputs: Outputs,
  options: Options,
): Variables {
  const nothing = { run: context.testId, build: context.build, journals: {} }
  if (left === 0) return { ...ids(context), ...(options.record ? { DUSTPAN_RECORD: packRun(nothing) } : {}) }
  try {
    return preparedVariables(settings, context, {}, outputs, options)
  } catch {
    return ids(context)
  }
}

const notPassedOn = (why: string): DustpanError =>
  new DustpanError('DUSTPAN_RECORD_NOT_HANDED_ON', `The record of the prepared data cannot be passed on: ${why}.`, {
    hint: 'Add --no-record, and give the cleaning job the ledger itself: the folder .dustpan as an artifact of this job, or a shared ledger. What was created is removed.',
  })
