import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Numbers {
  readonly tracked: number
  /** By Dustpan or by the test itself. */
  readonly removed: number
  readonly kept: number
}

/** The only run in a ledger. */
export function onlyRun(ledger: string): string {
  const runs = readdirSync(join(ledger, 'runs'))
  const [run] = runs
  if (run === undefined || runs.length > 1) throw new Error(`Expected one run in ${ledger}, found ${runs.length}.`)
  return run
}

export function readNumbers(ledger: string, run: string): Numbers {
  const { totals } = JSON.parse(readFileSync(join(ledger, 'runs', run, 'report.json'), 'utf8')) as Report
  const removed = totals.removed + totals['already-gone'] + totals.gone
  return { tracked: totals.tracked, removed, kept: totals.kept }
}

/** What is used of `dustpan.report/1`. */
interface Report {
  readonly totals: Readonly<Record<'tracked' | 'removed' | 'already-gone' | 'gone' | 'kept', number>>
}

/** What is wrong with them. */
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
