/** Warnings about commands whose keys cannot be tracked; each is given once. */
import type { CaptureSink } from '@dustpan/core/driver'
import { ruleFor } from '../commands.ts'
import { addressOf } from '../identity.ts'
import { type Args, type Rule, unknownRule } from '../rule.ts'
import { selects } from './selection.ts'
import type { Watcher } from './watch.ts'

const scripts: ReadonlySet<string> = new Set(['eval', 'evalsha', 'fcall'])
const blocking: ReadonlySet<string> = new Set(['blmove', 'brpoplpush'])

/** The rule of a command; undefined if it creates nothing. Warns about commands whose keys cannot be determined. */
export function ruleOf(sink: CaptureSink, name: string, args: Args): Rule | undefined {
  const rule = ruleFor(name, args)
  if (rule === 'creates-nothing') return undefined
  if (rule === 'cannot-tell' || rule.cannotTell) warnOfUnknown(sink, name)
  return rule === 'cannot-tell' ? unknownRule : rule
}

/** For scripts and unknown commands. */
function warnOfUnknown(sink: CaptureSink, name: string): void {
  const command = name.toUpperCase()
  const subject = scripts.has(name) ? 'scripts' : command
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    subject,
    `${limitationOf(name, command)} Call track() for the keys it creates, or ignore this warning if it creates none.`,
  )
}

function limitationOf(name: string, command: string): string {
  if (scripts.has(name)) return 'Keys that scripts and functions create (EVAL, EVALSHA, FCALL) are not tracked.'
  if (blocking.has(name)) return `${command} may wait for other clients, so the key that it creates is not tracked.`
  if (name === 'copy')
    return 'Copies made by COPY … DB … REPLACE are not tracked, because Dustpan cannot check whether the key existed in the other database.'
  if (name === 'set')
    return 'SET … GET has an option that Dustpan does not know, so a key that it creates is not tracked.'
  return `Dustpan does not know the command ${command}: keys that it creates are not tracked, and of the keys that it deletes only its first argument and keys on record are checked.`
}

/** Lookups for a batch are sent ahead, in the current database, so commands after a SELECT cannot be covered. */
export function beforeSelect<T>(
  sink: CaptureSink,
  commands: readonly T[],
  nameOf: (command: T) => string,
): readonly T[] {
  const end = commands.findIndex((command) => selects(nameOf(command)))
  if (end < 0) return commands
  const message =
    'Keys created after SELECT in the same transaction are not tracked: call SELECT before the transaction, or call track() for the keys.'
  sink.warn('DUSTPAN_KEY_UNATTRIBUTED', 'SELECT', message)
  return commands.slice(0, end)
}

export function warnOfDenied(sink: CaptureSink, name: string): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'EXISTS',
    `${name.toUpperCase()} writes a key, and the server refused to say whether the key existed before (EXISTS) or when it expires (PTTL): keys that it creates are not tracked. Grant the test user EXISTS and PTTL.`,
  )
}

/** The keys may be gone, and a key of the same name then somebody else's. */
export function warnOfUnverified(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'EXISTS afterwards',
    'Dustpan could not check whether a key of the test still exists after a command that may have emptied or deleted it (such as LPOP, SREM or EVAL): such keys are no longer tracked, and stay. Grant the test user EXISTS, and do not limit commandsQueueMaxLength.',
  )
}

export function warnOfDatabase(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'CLIENT INFO',
    'After SELECT or RESET, the server did not say which database the connection is in: keys that the connection creates from then on are not tracked. Grant the test user CLIENT INFO (Redis 6.2 or newer), or connect the client to database 0.',
  )
}

export function warnOfSwapped(sink: CaptureSink): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    'SWAPDB',
    'After SWAPDB, keys are in a different database from the one on record: keys that tests created in either database are no longer tracked, and stay.',
  )
}

export function warnOfUnseen(sink: CaptureSink, name: string): void {
  const command = name.toUpperCase()
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    command,
    `${command} deleted keys that Dustpan could not list first (more than 100,000, or in another database). Keys that tests write there from now on may be among them, so they are not tracked.`,
  )
}

export function warnOfKept(sink: CaptureSink, name: string, isPart: boolean): void {
  sink.warn(
    'DUSTPAN_KEY_UNATTRIBUTED',
    `${name} of a kept key`,
    `${name.toUpperCase()} gives another name to ${isPart ? 'part of ' : ''}a key that an earlier test kept on purpose: the new key is not tracked, and stays.`,
  )
}

export function warnOfSeeds({ sink, connection }: Watcher): void {
  const seeds = connection.location.nodes.map(addressOf)
  sink.warn(
    'DUSTPAN_UNKNOWN_DRIVER',
    `cluster ${seeds}`,
    `Dustpan identifies a cluster by the nodes that its client starts with: the url of its driver has to name one of these: ${seeds.join(', ')}`,
  )
}
