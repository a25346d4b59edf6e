/** The result of one check. */
export interface Check {
  readonly state: 'fine' | 'warning' | 'wrong'
  /** `Node`, `Vitest`, `Driver main`. */
  readonly subject: string
  readonly message: string
  /** How to fix it, in words. */
  readonly fix?: string
  /** What fixes it: a command, SQL, or code to add. */
  readonly run?: string
}

export type Fix = Pick<Check, 'fix' | 'run'>

export const fine = (subject: string, message: string): Check => ({ state: 'fine', subject, message })
export const warning = (subject: string, message: string, fix: Fix): Check => ({
  state: 'warning',
  subject,
  message,
  ...fix,
})
export const wrong = (subject: string, message: string, fix: Fix = {}): Check => ({
  state: 'wrong',
  subject,
  message,
  ...fix,
})
