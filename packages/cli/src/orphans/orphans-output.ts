/** The output of `dustpan orphans`: text as it proceeds, or one JSON value at the end. */
import type { Orphans } from '@dustpan/core/ledger'
import type { OrphansOptions } from '../commands/orphans.ts'
import type { Call } from '../commands.ts'
import { countByState } from '../count-by-state.ts'
import { errorText } from '../print-error.ts'
import type { RecoveredRun } from './clean-orphans.ts'
import { listText, noneText } from './list-text.ts'
import { outcomeText } from './outcome-text.ts'

export interface OrphansOutput {
  list(orphans: readonly Orphans[]): void
  /** Replaces an empty list. @param refused the number of refused resources that remain */
  none(refused: number): void
  progress(line: string): void
  outcome(recovered: readonly RecoveredRun[]): void
}

export function orphansOutput(call: Call<OrphansOptions>): OrphansOutput {
  return call.options.json ? jsonOutput(call) : textOutput(call)
}

function textOutput({ terminal, options }: Call<OrphansOptions>): OrphansOutput {
  return {
    list(orphans) {
      terminal.write(listText(orphans, terminal))
      const [first] = orphans
      if (options.dryRun && first)
        terminal.write(
          `Nothing was removed: this is a dry run. npx dustpan clean ${first.run.id} --dry-run shows each removal of a run.\n`,
        )
    },
    none: (refused) => terminal.write(noneText(refused)),
    progress: terminal.progress,
    outcome(recovered) {
      terminal.write(outcomeText(recovered, terminal))
      for (const { error } of recovered) if (error) terminal.writeError(errorText(error, terminal))
    },
  }
}

/** Holds the list back until the outcome, so that one JSON value is printed. Without an outcome it prints the list. */
function jsonOutput({ terminal, options }: Call<OrphansOptions>): OrphansOutput {
  let runs: readonly object[] = []
  const write = (value: object) => terminal.write(`${JSON.stringify(value, null, 2)}\n`)
  return {
    list(orphans) {
      runs = orphans.map(runJson)
      if (options.dryRun || !(options.yes || options.execute)) write({ runs })
    },
    none: (refused) => write({ runs: [], refused }),
    progress() {},
    outcome(recovered) {
      write({
        runs,
        recovered: recovered.map(({ id, found, unknown, error }) => ({
          ...{ run: id, states: countByState(found), unresolvedIntents: unknown, error },
        })),
      })
    },
  }
}

function runJson({ run, due, overdue, kept, intents }: Orphans): object {
  const { runner, build } = run.writers[0] ?? {}
  return {
    ...{ run: run.id, runner, build, ended: run.ended ?? 'lost', lastHeardOf: new Date(run.latestAt).toISOString() },
    ...{ due, overdue, kept, unresolvedIntents: intents },
  }
}
