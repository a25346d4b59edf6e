/** `dustpan exec`: begin a run → start the command → wait → clean up → report. */
import { basename } from 'node:path'
import { beginRun, concludeRun, type MainRun, onInterruption, sweepAtStart } from '@dustpan/core/runner'
import type { ExecOptions } from '../commands/exec.ts'
import type { Call } from '../commands.ts'
import { exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'
import { type Command, codeOf, type Ended, startCommand } from './command.ts'
import { type Departure, departureFrom } from './departure.ts'
import { allEnd, killAll } from './descendants.ts'
import { environmentFor } from './ticket.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export async function exec(call: Call<ExecOptions>): Promise<number> {
  const settings = await settingsFor(call)
  await sweepAtStart(settings)
  const run = beginRun(settings, `exec ${basename(call.arguments[0] ?? '')}`)
  await run.announce()
  const command = await startCommand(call.arguments, { ...process.env, ...environmentFor(run.ticket, process.env) })
  const departure = departureFrom(run.ticket, call.terminal)
  using interruptions = onInterruption((count, signal) => interrupt(command, departure, call, count, signal), {
    signals,
  })
  const ended = await command.ended
  const fails = await conclude(run, call, ended, () => interruptions.count > 0, departure)
  const code = codeOf(ended)
  return code === 0 && fails ? exitCode.left : code
}

function interrupt(
  command: Command,
  departure: Departure,
  { options, terminal }: Call<ExecOptions>,
  count: number,
  signal: NodeJS.Signals,
): void {
  if (count === 1) {
    departure.prepare()
    command.interrupt(signal, options.grace)
    terminal.writeError(
      `\ndustpan: interrupted. The command has ${options.grace / 1000} s to exit, then Dustpan cleans up. Press Ctrl-C again to kill it.\n`,
    )
  } else if (count === 2) departure.leave()
  else process.exit(130)
}

/** Cleans up. Resolves to whether a failed cleanup must fail the exit code. */
async function conclude(
  run: MainRun,
  { options, terminal }: Call<ExecOptions>,
  { code }: Ended,
  isInterrupted: () => boolean,
  departure: Departure,
): Promise<boolean> {
  if (!(await allEnd(run.ticket, options.grace))) {
    if (!isInterrupted()) return leaveRunning(run, terminal.writeError)
    killAll(run.ticket)
    await allEnd(run.ticket, options.grace)
  }
  if (isInterrupted()) departure.leaveInTime()
  const verdict = isInterrupted() ? 'interrupted' : code === 0 ? 'passed' : 'failed'
  const { fails } = await concludeRun(run, verdict, (text) => terminal.writeError(`${text}\n`))
  return fails
}

/** Leaves a background process of the command running: the reaper cleans up when it exits. */
function leaveRunning({ ticket }: MainRun, print: (text: string) => void): boolean {
  print(
    `dustpan: processes of the command are still running. What they created is removed when they exit: see npx dustpan list ${ticket.run}\n`,
  )
  return false
}
