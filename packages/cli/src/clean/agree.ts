import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'
import { isYes } from '../terminal.ts'

/** What is asked for, in words. */
export interface Act {
  readonly verb: string
  readonly nothing: string
  readonly again: string
}

const removing: Act = { verb: 'Remove', nothing: 'Nothing was removed', again: 'remove these things' }

/** Whether the things of the plan may be removed, or brought back: as the options say, or as whoever sits there answers. */
export async function agreed(
  { options, terminal }: Call<Pick<CleanOptions, 'yes' | 'execute'>>,
  things: number,
  { verb, nothing, again }: Act = removing,
): Promise<boolean> {
  if (options.yes || options.execute) return true
  if (!terminal.interactive || options.json) {
    terminal.complain(
      `${nothing}: there is no terminal to ask on. Add --yes to ${again}, or --dry-run for the plan alone.\n`,
    )
    return false
  }
  const answer = await terminal.ask(
    `${verb} ${things.toLocaleString('en')} ${things === 1 ? 'thing' : 'things'}? [y/N] `,
  )
  if (isYes(answer)) return true
  terminal.write(`${nothing}.\n`)
  return false
}
