/** The run, as the process sees it that starts the files. */
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
  /** Cleans up what the files could not, and gives the report as text: empty when nothing was tracked. Never rejects. */
  end(verdict: Verdict): Promise<string>
}

/** For the files that are started from now on. */
export function beginReportedRun(settings: Settings): ReportedRun {
  const run = beginRun(settings, `node:test ${process.versions.node}`)
  passTicket(run.ticket)
  const onExit = () => endInProcess(run)
  process.once('exit', onExit)
  return {
    announce: () => run.announce(),
    async end(verdict) {
      // Interrupted, Node ends its reporters and then the process, both in this turn of the event loop.
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

/** Interrupted, `node --test` exits at once, and nothing asynchronous can be done any more: another process does it. */
function endInProcess({ ticket }: MainRun): void {
  if (!existsSync(join(ticket.settings.dir, 'runs', ticket.run))) return
  const program = fileURLToPath(import.meta.url.replace(/[^/]+(\.[jt]s)$/, 'conclude$1'))
  passTicket(ticket)
  // Node listens no more: a second Ctrl-C would end this process before what is left is told.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})
  const { signal } = spawnSync(process.execPath, [program], { stdio: ['ignore', 'inherit', 'inherit'] })
  // A second Ctrl-C, before it could listen to that.
  if (signal) process.stdout.write(`${leave(ticket)}\n`)
}
