import type { Answer } from '../call.ts'
import type { ParsedCall } from '../parsed-call.ts'
import type { Operation } from '../route.ts'
import type { Settings } from '../settings.ts'
import { create } from './create.ts'
import { remove, removeListed } from './remove.ts'
import { removeData } from './remove-data.ts'
import { removeByRun, removeByTag, removeMatching } from './remove-many.ts'
import { reset } from './reset.ts'
import { verifyAccess } from './verify-access.ts'

/** Each operation throws a Refusal, or the error of the application's function. */
export const operations: Readonly<Record<Operation, (parsed: ParsedCall, settings: Settings) => Promise<Answer>>> = {
  'verify-access': verifyAccess,
  create,
  remove,
  'remove-listed': removeListed,
  'remove-by-tag': removeByTag,
  'remove-by-run': removeByRun,
  'remove-matching': removeMatching,
  'remove-data': removeData,
  reset,
}
