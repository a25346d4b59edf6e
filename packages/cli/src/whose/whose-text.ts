/** Formats where a resource came from. */
import {
  type FoldedRun,
  inColour,
  isGoingOn,
  oneLine,
  paintState,
  type ResourceRecord,
  reasonText,
  resourceName,
  stateMark,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { age } from '../age.ts'
import { factLines } from '../fact-lines.ts'
import { keeperOf, minute } from '../run-owner.ts'
import { flowName } from '../select.ts'
import type { Terminal } from '../terminal.ts'

interface Found {
  readonly run: FoldedRun
  readonly record: ResourceRecord
}

export function foundText(found: readonly Found[], { width, colour }: Terminal): string {
  return inColour(colour, () => found.map((one) => `${lines(one, width).join('\n')}\n`).join('\n'))
}

function lines({ run, record }: Found, width: number): readonly string[] {
  const { state, build } = record
  const name = kleur.bold(oneLine(resourceName(record)))
  const ended = isGoingOn(run) ? 'still running' : (run.ended ?? 'its processes died')
  const facts = [
    ['test', verdictOf(record)],
    ['source', record.source],
    ['run', `${record.run}  ${record.runner}, ${ended}`],
    ['branch', record.branch],
    ['CI build', build],
    ['by', keeperOf(record)],
    ['age', `${age(record.createdAt)}, ${record.createdAt.slice(0, 19).replace('T', ' ')} UTC`],
    ['store', `${record.store}  ${record.storeId}`],
    ['removal', [record.removal, record.result].filter((part) => part !== undefined).join('  ')],
    ['why', whyOf(record)],
  ] as const
  return [
    `${name}  ${paintState(state)(`${stateMark(state)} ${state}`)}  ${kleur.dim(`id ${record.id}`)}`,
    ...factLines(facts, width),
  ]
}

const verdictOf = (record: ResourceRecord): string =>
  [flowName(record), record.flow.verdict].filter((part) => part !== undefined).join('  ')

function whyOf({ error, why, released, keptUntil }: ResourceRecord): string | undefined {
  if (error) return `${error.message} (${error.code})`
  if (released) return 'released: the next dustpan clean or orphans removes it'
  if (why === undefined) return undefined
  return keptUntil === undefined ? reasonText(why) : `${reasonText(why)}, until ${minute(keptUntil)}`
}

export function noRecordText(query: string, { dir, runs }: { readonly dir: string; readonly runs: number }): string {
  const where = runs === 1 ? 'the only run' : `none of the ${runs.toLocaleString('en')} runs`
  const result = runs === 0 ? `${dir} has no runs` : `${where} in ${dir} ${runs === 1 ? 'did not track' : 'tracked'} it`
  return `No record of ${JSON.stringify(query)}: ${result}. Use --dir for another ledger.\n`
}
