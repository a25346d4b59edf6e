import type { InitOptions } from '../commands/init.ts'
import type { Call } from '../commands.ts'

/** Whether the files may be written: as the options say, or as whoever sits there answers. */
export async function agreedToWrite({ options, terminal }: Call<InitOptions>, files: number): Promise<boolean> {
  if (options.yes) return true
  if (!terminal.interactive || options.json) {
    terminal.complain(
      'Nothing was written: there is no terminal to ask on. Add --yes to write these files, or --dry-run for the plan alone.\n',
    )
    return false
  }
  const answer = await terminal.ask(files === 1 ? 'Write this file? [Y/n] ' : `Write these ${files} files? [Y/n] `)
  if (answer !== undefined && /^(y(es)?)?$/i.test(answer.trim())) return true
  terminal.write('Nothing was written.\n')
  return false
}
