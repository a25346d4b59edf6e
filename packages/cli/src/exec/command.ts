/** Starts and ends the command's process. */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:os'
import { DustpanError } from '@dustpan/core'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Command {
  readonly ended: Promise<Ended>
  /** Sends the signal, then SIGTERM after the grace period, then SIGKILL. */
  interrupt(signal: NodeJS.Signals, graceMs: number): void
  kill(): void
}

const killDelayMs = 1000

/** @throws DustpanError `DUSTPAN_INVALID_ARGUMENT` when the command cannot be started. */
export async function startCommand(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  { stdio = 'inherit', onMessage = () => {} }: { stdio?: StdioOptions; onMessage?: (message: unknown) => void } = {},
): Promise<Command> {
  const child = spawn(command, args, { stdio, env })
  child.on('message', onMessage)
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw notStarted(command, cause as NodeJS.ErrnoException)
  }
  const ended = once(child, 'exit').then(([code, signal]): Ended => ({ code, signal }))
  return {
    ended,
    interrupt(signal, graceMs) {
      // A terminal has already signalled the command.
      if (!process.stdin.isTTY) child.kill(signal)
      escalateAfter(graceMs, child, ended)
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function escalateAfter(graceMs: number, child: ChildProcess, ended: Promise<unknown>): void {
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), graceMs),
    setTimeout(() => child.kill('SIGKILL'), graceMs + killDelayMs),
  ]
  void ended.then(() => timers.forEach(clearTimeout))
}

/** The exit code that a shell reports. */
export const codeOf = ({ code, signal }: Ended): number => code ?? 128 + (signal ? constants.signals[signal] : 0)

function notStarted(command: string, { message, code }: NodeJS.ErrnoException): DustpanError {
  return new DustpanError('DUSTPAN_INVALID_ARGUMENT', `${JSON.stringify(command)} could not be started: ${message}.`, {
    hint:
      code === 'ENOENT'
        ? 'Start commands of packages with npx: dustpan exec -- npx vitest run.'
        : 'Give a program and its arguments; for a shell command: dustpan exec -- sh -c "…".',
  })
}
