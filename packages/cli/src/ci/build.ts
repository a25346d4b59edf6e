import { buildId } from '@dustpan/core/ledger'
import type { CiOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'

/** Which build is meant; undefined: nothing tells. */
export const buildOf = ({ options, environment }: Call<CiOptions>): string | undefined =>
  options.build || buildId(environment)
