/** Refuses empty arguments and options: usually an unset variable, which would match everything. */
import { DustpanError } from '@dustpan/core'
import type { Command, Option } from 'commander'

/** For the command and all its subcommands. */
export function refuseEmptyOptions(command: Command): void {
  for (const option of command.options) if (option.required || option.optional) refuseEmptyOption(option)
  for (const inner of command.commands) refuseEmptyOptions(inner)
}

function refuseEmptyOption(option: Option): void {
  const { parseArg } = option
  option.argParser((value: string, before: unknown) => {
    if (isEmpty(value)) throw empty(option.long ?? option.flags)
    return parseArg ? parseArg(value, before) : value
  })
}

/** @throws DustpanError `DUSTPAN_INVALID_ARGUMENT` */
export function refuseEmptyArguments(command: Command, given: readonly string[]): void {
  // `exec` passes the other arguments on to its command.
  const own = command.name() === 'exec' ? given.slice(0, 1) : given
  const at = own.findIndex(isEmpty)
  const names = command.registeredArguments
  if (at >= 0) throw empty(names[Math.min(at, names.length - 1)]?.name() ?? 'an argument')
}

/** Also true for a list without values. */
const isEmpty = (value: string): boolean => /^[\s,]*$/.test(value)

function empty(name: string): DustpanError {
  return new DustpanError('DUSTPAN_INVALID_ARGUMENT', `${name} is empty, and would match everything.`, {
    hint: 'A variable may be unset. To match everything, leave it out. Nothing was done.',
  })
}
