/** One line for each resource, or each group of them: what it is, how it is removed, what came of it, and where it was made. */
import kleur from 'kleur'
import type { Alike } from './alike.ts'
import { type Cell, columns, oneLine } from './columns.ts'
import type { ReportedResource, ReportedScope } from './model.ts'
import { isFine, paintState, reasonText, stateMark } from './states.ts'

export interface ResourceLinesOptions {
  readonly width: number
  readonly indent: string
  /** The one that they stand under: what it says already is not said again. */
  readonly scope?: ReportedScope
}

export function resourceLines(groups: readonly Alike[], { width, indent, scope }: ResourceLinesOptions): string[] {
  const rows = groups.map(row)
  const lines = columns(rows, { width: width - indent.length - 2 })
  return groups.flatMap(({ resources: [first] }, i) => [
    `${indent}${paintState(first.state)(stateMark(first.state))} ${lines[i]}`,
    ...explanation(first, scope).map((line) => `${indent}    ${line}`),
  ])
}

function row({ resources, removal }: Alike): Cell[] {
  const [{ type, key, state, source }] = resources
  const name = resources.length > 1 ? `${type} ×${resources.length.toLocaleString('en')}` : `${type} ${key}`
  const cells: Cell[] = [
    { text: oneLine(name) },
    { text: oneLine(removal), paint: (text) => kleur.dim(text) },
    { text: oneLine(outcomeText(resources[0])), paint: paintState(state), whole: true },
  ]
  if (isFine(state) || source === undefined) return cells
  return [...cells, { text: source, paint: (text) => kleur.dim(text), whole: true }]
}

/** `200 OK`; `failed after 3 tries`; `gone, rolled back`. */
function outcomeText({ state, result, why, attempts }: ReportedResource): string {
  if (state === 'removed') return result ?? state
  if (state === 'already-gone') return result === undefined ? 'already gone' : `already gone, ${result}`
  if (state === 'gone') return why === undefined ? 'gone' : reasonText(why)
  if (state === 'audit') return 'audit only'
  if (state === 'failed' && attempts > 1) return `failed after ${attempts} tries`
  return state
}

function explanation({ error, why, state }: ReportedResource, scope: ReportedScope | undefined): string[] {
  if (error) {
    const hint = error.hint === undefined ? [] : [kleur.dim(oneLine(error.hint))]
    return [`${paintState(state)(oneLine(error.message))}  ${kleur.dim(error.code)}`, ...hint]
  }
  if (why === undefined || why === scope?.why) return []
  return state === 'kept' || state === 'refused' || state === 'pending' ? [kleur.dim(oneLine(reasonText(why)))] : []
}
