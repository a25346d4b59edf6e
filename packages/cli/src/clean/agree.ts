import type { CleanOptions } from '../commands/clean.ts'
import type { Call } from '../commands.ts'

/** Whether the things of the plan may be removed: as the options say, or as whoever sits there answers. */
export async function agreed({ options, terminal }: Call<CleanOptions>, things: number): Promise<boolean> {
  if (options.yes || options.execute) return true
  if (!terminal.interactive || options.json) {
    terminal.complain(
      'Nothing was removed: there is no terminal to ask on. Add --yes to remove these things, or --dry-run for the plan alone.\n',
    )
    return false
  }
  const answer = await terminal.ask(
    `Remove ${things.toLocaleString('en')} ${things === 1 ? 'thing' : 'things'}? [y/N] `,
  )
  if (/^y(es)?$/i.test(answer.trim())) return true
  terminal.write('Nothing was removed.\n')
  return false
}
