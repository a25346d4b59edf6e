import type { CaptureSink } from '@dustpan/core/driver'

const scripts: ReadonlySet<string> = new Set(['eval', 'evalsha', 'fcall'])
const blocking: ReadonlySet<string> = new Set(['blmove', 'brpoplpush'])

/** Scripts, and commands that nobody has heard of: what they create cannot be told. */
export function warnOfUnknown(sink: CaptureSink, name: string): void {
  const command = name.toUpperCase()
  const subject = scripts.has(name) ? 'scripts' : command
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', subject, `${whatOf(name, command)} not tracked: track() them, or ignore this.`)
}

function whatOf(name: string, command: string): string {
  if (scripts.has(name)) return 'Keys that scripts and functions create (EVAL, EVALSHA, FCALL) are'
  if (blocking.has(name)) return `${command} may wait, so what it creates is`
  return `${command} is not known here: keys that it creates are`
}

/** What is sent together is asked about ahead, in the database of the moment: what comes after a SELECT is not looked at. */
export function beforeSelect<T>(
  sink: CaptureSink,
  commands: readonly T[],
  nameOf: (command: T) => string,
): readonly T[] {
  const end = commands.findIndex((command) => nameOf(command).toLowerCase() === 'select')
  if (end < 0) return commands
  const message =
    'Keys that are created after SELECT in the same transaction are not tracked: select before it, or track() them.'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'SELECT', message)
  return commands.slice(0, end)
}
