/** The run in the process that starts the test files. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  beginRun,
  concludeRun,
  leave,
  type MainRun,
  passTicket,
  type Settings,
  type Verdict,
} from '@dustpan/core/runner'

export interface ReportedRun {
  /** Before the first file. Never rejects. */
  announce(): Promise<void>
  /** Cleans up what the files could not, and resolves to the report as text, empty when nothing was tracked. Never rejects. */
  end(verdict: Verdict): Promise<string>
}

/** Begins a run, which test files started from now on join. */
export function beginReportedRun(settings: Settings): ReportedRun {
  const run = beginRun(settings, `node:test ${process.versions.node}`)
  passTicket(run.ticket)
  const onExit = () => endInProcess(run)
  process.once('exit', onExit)
  return {
    announce: () => run.announce(),
    async end(verdict) {
      // When interrupted, Node ends its reporters and then the process, both in this turn of the event loop.
      await setImmediate()
      let text = ''
      const { fails } = await concludeRun(run, verdict, (report) => {
        text = `\n${report}\n`
      })
      process.removeListener('exit', onExit)
      if (fails) process.exitCode = 1
      return text
    },
  }
}

/** When interrupted, `node --test` exits at once, with no time for asynchronous work, so a child process ends the run. */
function endInProcess({ ticket }: MainRun): void {
  if (!existsSync(join(ticket.settings.dir, 'runs', ticket.run))) return
  const program = fileURLToPath(import.meta.url.replace(/[^/]+(\.[jt]s)$/, 'conclude$1'))
  passTicket(ticket)
  // Node no longer listens: a second Ctrl-C would end this process before the report is printed.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const { signal } = spawnSync(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit'] })
  // A second Ctrl-C, before the child could listen for it.
  if (signal) process.stdout.write(`${leave(ticket)}\n`)
}
