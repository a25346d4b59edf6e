/** The output of `dustpan work`: one line per job. */
import { inColour, isGone, oneLine, type Settings } from '@dustpan/core/ledger'
import kleur from 'kleur'
import type { Call } from '../commands.ts'
import { countByState } from '../count-by-state.ts'
import { type ErrorInfo, errorText } from '../print-error.ts'
import { type Done, isFine } from './carry-out.ts'
import { cronOf } from './local-jobs.ts'

export interface WorkOutput {
  begun(settings: Settings): void
  done(done: Done): void
  /** Reports an error; the work continues. */
  failed(error: ErrorInfo): void
  ended(): void
}

export function workOutput(call: Call): WorkOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput({ terminal }: Call): WorkOutput {
  const line = (text: string) => terminal.write(`${inColour(terminal.colour, () => `${kleur.dim(time())}  ${text}`)}\n`)
  return {
    begun({ dir, schedule }) {
      line(`waiting for due resources in ${dir}; press Ctrl-C to stop`)
      for (const entry of schedule) line(`${entry.name}: ${entry.cron}, next at ${time(cronOf(entry).nextRun())}`)
    },
    done(done) {
      const { run, entry, found, error } = done
      const what = error ? 'not cleaned' : outcome(found)
      const paint = isFine(done) ? kleur.green : kleur.red
      line(`${entry === undefined ? '' : `${entry}  `}run ${oneLine(run)}  ${paint(what)}`)
      if (error) terminal.writeError(errorText(error, terminal))
    },
    failed: (error) => terminal.writeError(errorText(error, terminal)),
    ended: () => line('stopped'),
  }
}

/** `3 removed, 1 failed` */
function outcome(found: Done['found']): string {
  const gone = found.filter(({ state }) => isGone(state)).length
  const others = Object.entries(countByState(found.filter(({ state }) => !isGone(state))))
  return [...(gone > 0 ? [`${gone} removed`] : []), ...others.map(([state, count]) => `${count} ${state}`)].join(', ')
}

/** `2026-11-21 14:05:10 UTC` */
const time = (at: Date | null = new Date()): string =>
  at === null ? 'never' : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`

function jsonOutput({ terminal }: Call): WorkOutput {
  const write = (event: object) => terminal.write(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`)
  return {
    begun: ({ dir, schedule }) => write({ event: 'begun', dir, schedule }),
    done: ({ run, entry, found, error }) => write({ event: 'done', run, entry, states: countByState(found), error }),
    failed: (error) => write({ event: 'failed', error }),
    ended: () => write({ event: 'ended' }),
  }
}
