import {
  type Cell,
  columns,
  explainError,
  inColour,
  type LedgerRun,
  oneLine,
  type Resource,
  type ResourceRecord,
} from '@dustpan/core/ledger'
import kleur from 'kleur'
import { counted } from '../counted.ts'
import { runHead } from '../run-head.ts'
import type { Terminal } from '../terminal.ts'
import type { Restorable } from './choose-restorable.ts'
import type { RestoreOutcomes } from './restore-output.ts'

/** Formats what would be restored, in order. */
export function planText(run: LedgerRun, { records, due, lost }: Restorable, { colour, width }: Terminal): string {
  return inColour(colour, () => {
    const units = run
      .restorePlan(due)
      .units.map(({ resources }) => resources.flatMap(({ id }) => records.get(id) ?? []))
    const steps = columns(units.flatMap(kindsIn).map(step), { width, indent: '  ' })
    const without =
      lost.length === 0 ? [] : ['', kleur.yellow(`${counted(lost.length)} cannot be restored: no backup.`)]
    const body = due.length === 0 ? ['Nothing can be restored.'] : ['', ...steps]
    return `${[runHead(run.folded(), run.report()), ...body, ...without].join('\n')}\n\n`
  })
}

const kindsIn = (unit: readonly ResourceRecord[]): readonly (readonly ResourceRecord[])[] => [
  ...Map.groupBy(unit, ({ type, store }) => `${type}\n${store}`).values(),
]

function step(kind: readonly ResourceRecord[], i: number): readonly Cell[] {
  const [first] = kind as readonly [ResourceRecord]
  const keys = kind.slice(0, 5).map(({ key }) => oneLine(key))
  return [
    { text: `${i + 1}`, paint: (text) => kleur.dim(text), whole: true },
    {
      text: oneLine(
        kind.length > 1 ? `${first.type} ×${kind.length.toLocaleString('en')}` : `${first.type} ${first.key}`,
      ),
    },
    { text: `in ${first.store}`, whole: true },
    {
      text: kind.length > 1 ? `${keys.join(', ')}${kind.length > 5 ? ' …' : ''}` : '',
      paint: (text) => kleur.dim(text),
    },
  ]
}

export function outcomeText(
  { records, due }: Restorable,
  outcomes: RestoreOutcomes,
  { colour, width }: Terminal,
): string {
  return inColour(colour, () => {
    const failures = due.flatMap((resource) => failureLines(resource, records, outcomes, width))
    const results = Map.groupBy(outcomes.values(), (outcome) =>
      outcome.state === 'failed' ? 'failed' : outcome.alreadyThere ? 'already there' : 'restored',
    )
    const counts = (['restored', 'already there', 'failed'] as const).flatMap((name) => {
      const count = results.get(name)?.length ?? 0
      return count === 0 ? [] : [`${count.toLocaleString('en')} ${name}`]
    })
    return `${[...failures, `${counts.join(', ') || 'Nothing was restored'}.`].join('\n')}\n`
  })
}

function failureLines(
  { id }: Resource,
  records: Restorable['records'],
  outcomes: RestoreOutcomes,
  width: number,
): readonly string[] {
  const outcome = outcomes.get(id)
  if (outcome?.state !== 'failed') return []
  const { type = '', key = '' } = records.get(id) ?? {}
  const { code, message, hint } = outcome.error
  const place = { width, indent: '    ', paint: (text: string) => kleur.red(text) }
  return [`${kleur.red('✗')} ${oneLine(`${type} ${key}`)}`, ...explainError({ code, message, hint }, place)]
}
