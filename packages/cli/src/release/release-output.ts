/** The output of `dustpan release`: text as it proceeds, or one JSON value at the end. */
import type { ReleaseOptions } from '../commands/release.ts'
import type { Call } from '../commands.ts'
import { counted } from '../counted.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { type RecordPlan, recordPlanText } from '../record-plan.ts'

export interface ReleaseOutput {
  nothing(why: string): ExitCode
  plan(found: RecordPlan): void
  done(found: RecordPlan): void
}

export function releaseOutput(call: Call<ReleaseOptions>): ReleaseOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput({ terminal, options }: Call<ReleaseOptions>): ReleaseOutput {
  return {
    nothing(why) {
      terminal.write(`Nothing to release: ${why}.\n`)
      return exitCode.done
    },
    plan(found) {
      terminal.write(recordPlanText([found], terminal, 'stay as is'))
      if (found.due.length === 0) terminal.write('No kept resources to release.\n')
      else if (options.dryRun) terminal.write('Nothing was released: this is a dry run.\n')
    },
    done({ run, due }) {
      terminal.write(
        `${counted(due.length)} released. Nothing was removed yet; to remove now: npx dustpan clean ${run.folded.id}\n`,
      )
    },
  }
}

function jsonOutput({ terminal, options }: Call<ReleaseOptions>): ReleaseOutput {
  const write = (value: object) => terminal.write(`${JSON.stringify(value, null, 2)}\n`)
  const writePlan = ({ run, due, busy }: RecordPlan, released: boolean) =>
    write({
      run: run.folded.id,
      releases: due.map(({ id, type, key, state, store, storeId }) => ({ id, type, key, state, store, storeId })),
      inUse: busy.map(({ id }) => id),
      released,
    })
  return {
    nothing() {
      write({ run: null, releases: [], inUse: [], released: false })
      return exitCode.done
    },
    plan(found) {
      if (options.dryRun || !(options.yes || options.execute) || found.due.length === 0) writePlan(found, false)
    },
    done: (found) => writePlan(found, true),
  }
}
