/** Commands whose creations cannot be told: each is told once. */
import type { CaptureSink } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'
import { addressOf } from '../identity.ts'
import type { Args, Rule } from '../rule.ts'
import { selects } from './selection.ts'
import type { Watcher } from './watch.ts'

const scripts: ReadonlySet<string> = new Set(['eval', 'evalsha', 'fcall'])
const blocking: ReadonlySet<string> = new Set(['blmove', 'brpoplpush'])

/** What a command does to keys, where that matters here. */
export function ruleOf(sink: CaptureSink, name: string, args: Args): Rule | undefined {
  const rule = ruleFor(name, args)
  if (rule === 'creates-nothing') return undefined
  if (rule === 'cannot-tell' || rule.cannotTell) warnOfUnknown(sink, name)
  return rule === 'cannot-tell' ? undefined : rule
}

/** Scripts, and commands that nobody has heard of. */
function warnOfUnknown(sink: CaptureSink, name: string): void {
  const command = name.toUpperCase()
  const subject = scripts.has(name) ? 'scripts' : command
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', subject, `${whatOf(name, command)} not tracked: track() them, or ignore this.`)
}

function whatOf(name: string, command: string): string {
  if (scripts.has(name)) return 'Keys that scripts and functions create (EVAL, EVALSHA, FCALL) are'
  if (blocking.has(name)) return `${command} may wait, so what it creates is`
  if (name === 'copy')
    return 'Whether something was there before COPY … DB … REPLACE cannot be asked: copies that it makes are'
  return `${command} is not known here: keys that it creates are`
}

/** What is sent together is asked about ahead, in the database of the moment: what comes after a SELECT is not looked at. */
export function beforeSelect<T>(
  sink: CaptureSink,
  commands: readonly T[],
  nameOf: (command: T) => string,
): readonly T[] {
  const end = commands.findIndex((command) => selects(nameOf(command)))
  if (end < 0) return commands
  const message =
    'Keys that are created after SELECT in the same transaction are not tracked: select before it, or track() them.'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'SELECT', message)
  return commands.slice(0, end)
}

export function warnOfDenied(sink: CaptureSink, name: string): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'EXISTS',
    `${name.toUpperCase()} writes a key, and the server did not say whether it was there before: what it creates is not tracked. Let the user of the tests call EXISTS.`,
  )
}

export function warnOfDatabase(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'CLIENT INFO',
    'Which database a connection is in after SELECT or RESET the server did not say: what it creates from then on is not tracked. Let the user of the tests call CLIENT INFO (Redis 6.2), or let the URL of the client lead to database 0.',
  )
}

export function warnOfSwapped(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'SWAPDB',
    'After SWAPDB keys are in another database than the one on record: those that tests had created in either of the two stay where they are.',
  )
}

export function warnOfUnseen(sink: CaptureSink, name: string): void {
  const command = name.toUpperCase()
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    command,
    `${command} took away keys that nobody could list before (100,000 and more, or in another database): what tests write there from now on may be some of them again, and is not tracked.`,
  )
}

export function warnOfKept(sink: CaptureSink, name: string, isPart: boolean): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    `${name} of a kept key`,
    `${name.toUpperCase()} gives another name to ${isPart ? 'a part of ' : ''}a key that an earlier test has left on purpose: the new name is not tracked, so it stays.`,
  )
}

export function warnOfSeeds({ sink, connection }: Watcher): void {
  const seeds = connection.where.nodes.map(addressOf)
  sink.warn(
    'DUSTPAN_UNKNOWN_DRIVER',
    `cluster ${seeds}`,
    `A cluster is known by the nodes that its client begins with: the url of its driver has to name one of these: ${seeds.join(', ')}`,
  )
}
