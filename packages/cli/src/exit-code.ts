export const exitCode = {
  done: 0,
  /** Something is left. */
  left: 1,
  /** Wrong usage or configuration. */
  wrong: 2,
  /** The guard refused a store. */
  refused: 3,
  /** Interrupted by Ctrl-C. */
  interrupted: 130,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]

/**
 * The exit code for an error's code; undefined when it has none of its own. A refusal counts at any point: beforehand, or when a
 * store reports its address.
 */
export function exitCodeOf(code: string | undefined): ExitCode | undefined {
  return code === undefined ? undefined : exits[code]
}

export const isRefusal = (code: string | undefined): boolean => exitCodeOf(code) === exitCode.refused

const exits: Readonly<Record<string, ExitCode>> = {
  DUSTPAN_HOST_REFUSED: exitCode.refused,
  DUSTPAN_PREDICATE_REFUSED: exitCode.refused,
  DUSTPAN_PROFILE_REFUSED: exitCode.refused,
  DUSTPAN_PROTECTED: exitCode.refused,
  DUSTPAN_SHADOW: exitCode.refused,
  DUSTPAN_PREPARE_FAILED: exitCode.left,
  DUSTPAN_RECORD_NOT_HANDED_ON: exitCode.left,
  DUSTPAN_RUN_LOCKED: exitCode.left,
  DUSTPAN_LEDGER_UNWRITABLE: exitCode.left,
  DUSTPAN_LEDGER_AWAY: exitCode.left,
}
