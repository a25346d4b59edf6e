export const exitCode = {
  done: 0,
  /** Something is left. */
  left: 1,
  /** Wrong use, or a wrong configuration. */
  wrong: 2,
  /** The guard refused a store. */
  refused: 3,
} as const

export type ExitCode = (typeof exitCode)[keyof typeof exitCode]
