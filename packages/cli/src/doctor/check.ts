/** What one look has found. */
export interface Check {
  readonly state: 'fine' | 'warning' | 'wrong'
  /** What it is about: `Node`, `Vitest`, `driver main`. */
  readonly subject: string
  readonly message: string
  /** What to do about it, in words. */
  readonly mend?: string
  /** What does it: a command, SQL, code to add. */
  readonly run?: string
}

export type Mend = Pick<Check, 'mend' | 'run'>

export const fine = (subject: string, message: string): Check => ({ state: 'fine', subject, message })
export const warning = (subject: string, message: string, mend: Mend): Check => ({
  state: 'warning',
  subject,
  message,
  ...mend,
})
export const wrong = (subject: string, message: string, mend: Mend = {}): Check => ({
  state: 'wrong',
  subject,
  message,
  ...mend,
})
