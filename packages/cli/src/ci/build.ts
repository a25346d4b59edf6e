import { buildId } from '@dustpan/core/ledger'
import type { CiOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'

/** The build's id: `--build`, else from the environment; undefined when neither has one. */
export const buildOf = ({ options, environment }: Call<CiOptions>): string | undefined =>
  options.build || buildId(environment)
