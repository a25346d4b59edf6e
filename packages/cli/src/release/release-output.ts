/** What `dustpan release` tells: to people as it goes, to programs one JSON value at the end. */
import type { ReleaseOptions } from '../commands/release.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import type { Found } from '../forget/find-records.ts'
import { planText } from '../forget/plan-text.ts'

export interface ReleaseOutput {
  nothing(why: string): ExitCode
  plan(found: Found): void
  done(found: Found): void
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
      terminal.write(planText([found], terminal, 'stay as they are'))
      if (found.due.length === 0) terminal.write('Nothing is kept that could be released.\n')
      else if (options.dryRun) terminal.write('Nothing was released: this is a dry run.\n')
    },
    done({ run, due }) {
      const things = due.length === 1 ? 'thing was' : 'things were'
      terminal.write(
        `${due.length.toLocaleString('en')} ${things} released. Nothing was removed yet: npx dustpan clean ${run.folded.id}\n`,
      )
    },
  }
}

function jsonOutput({ terminal, options }: Call<ReleaseOptions>): ReleaseOutput {
  const write = (value: object) => terminal.write(`${JSON.stringify(value, null, 2)}\n`)
  const found = ({ run, due, busy }: Found, released: boolean) =>
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
    plan(one) {
      if (options.dryRun || !(options.yes || options.execute) || one.due.length === 0) found(one, false)
    },
    done: (one) => found(one, true),
  }
}
