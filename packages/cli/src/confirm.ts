/** Asks for confirmation before anything changes. */
import type { Call } from './commands.ts'
import type { PlanOptions } from './plan-options.ts'

export interface Confirmation {
  /** `Remove 3 resources? [y/N]` */
  readonly question: string
  /** What `--yes` would do: `remove them`. */
  readonly act: string
  /** `Nothing was removed` */
  readonly untouched: string
  /** Whether the answer confirms. @default only `y` and `yes` */
  readonly accepts?: (answer: string) => boolean
}

/** Whether to go ahead: by the options, or by the answer at the terminal. */
export async function confirm(
  { options, terminal }: Call<Pick<PlanOptions, 'yes' | 'execute'>>,
  { question, act, untouched, accepts = isYes }: Confirmation,
): Promise<boolean> {
  if (options.yes || options.execute) return true
  if (!terminal.interactive || options.json) {
    const why = options.json ? '--json does not prompt' : 'not interactive, cannot prompt'
    terminal.writeError(`${untouched}: ${why}. Add --yes to ${act}, or --dry-run to see only the plan.\n`)
    return false
  }
  const answer = await terminal.ask(`${question} `)
  if (answer !== undefined && accepts(answer.trim())) return true
  terminal.write(`${untouched}.\n`)
  return false
}

const isYes = (answer: string): boolean => /^y(es)?$/i.test(answer)
