import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Numbers {
  readonly tracked: number
  /** Removed by Dustpan or by the test itself. */
  readonly removed: number
  readonly kept: number
}

/** The newest run in a ledger, as ids begin with the time. */
export function newestRun(ledger: string): string | undefined {
  return runsIn(ledger).at(-1)
}

/** Sums up all runs in a ledger, as a killed run is cleaned up by the next. */
export function readNumbers(ledger: string): Numbers {
  return sumOf(runsIn(ledger).map((run) => readRun(ledger, run)))
}

function runsIn(ledger: string): string[] {
  const runs = join(ledger, 'runs')
  return existsSync(runs) ? readdirSync(runs).sort() : []
}

function readRun(ledger: string, run: string): Numbers {
  const { totals } = JSON.parse(readFileSync(join(ledger, 'runs', run, 'report.json'), 'utf8')) as Report
  const removed = totals.removed + totals['already-gone'] + totals.gone
  return { tracked: totals.tracked, removed, kept: totals.kept }
}

/** The parts of `dustpan.report/1` that are used. */
interface Report {
  readonly totals: Readonly<Record<'tracked' | 'removed' | 'already-gone' | 'gone' | 'kept', number>>
}

/** The problems found in the numbers. */
export function checkNumbers({ tracked, removed, kept }: Numbers): string[] {
  const sum = removed + kept
  return [
    ...(tracked === sum ? [] : [`${tracked} tracked is not ${removed} removed + ${kept} kept`]),
    ...(Math.min(tracked, removed, kept) > 0 ? [] : ['one of the numbers is 0']),
  ]
}

export function sumOf(all: readonly Numbers[]): Numbers {
  const sum = (name: keyof Numbers) => all.reduce((total, numbers) => total + numbers[name], 0)
  return { tracked: sum('tracked'), removed: sum('removed'), kept: sum('kept') }
}
