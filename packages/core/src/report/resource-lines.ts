/** Renders one line per resource or group: what it is, how it is removed, the outcome, and where it was created. */
import kleur from 'kleur'
import { type Alike, withoutKey } from './alike.ts'
import { type Cell, columns, naturalWidth, oneLine } from './columns.ts'
import { explainError, explainText } from './explain.ts'
import type { ReportedResource, ReportedScope } from './model.ts'
import { isFine, paintState, reasonText, stateMark } from './states.ts'

export interface ResourceLinesOptions {
  readonly width: number
  readonly indent: string
  /** The scope above the lines: its reason is not repeated. */
  readonly scope?: ReportedScope
}

export function resourceLines(groups: readonly Alike[], { width, indent, scope }: ResourceLinesOptions): string[] {
  const room = width - indent.length - 2
  const withSource = groups.map((group) => [...row(group), ...sourceCell(group)])
  const isWide = naturalWidth(withSource) <= room
  const lines = columns(isWide ? withSource : groups.map(row), { width: room })
  const place = { width, indent: `${indent}    ` }
  const below = (isShared: boolean) => (group: Alike) => [
    ...(isWide ? [] : sourceCell(group).map(({ text }) => `${place.indent}${kleur.dim(text)}`)),
    ...explanation(group, scope, { ...place, isShared }),
  ]
  const shared = groups.map(below(true))
  const hasSameExplanation = (i: number, j: number) => shared[i]?.join() === shared[j]?.join()
  return groups.flatMap((group, i) => {
    const { state } = group.resources[0]
    const line = `${indent}${paintState(state)(stateMark(state))} ${lines[i]}`
    // Neighbours with the same explanation share it, after the last one.
    if (hasSameExplanation(i, i + 1)) return [line]
    const isShared = group.resources.length > 1 || hasSameExplanation(i, i - 1)
    return [line, ...below(isShared)(group)]
  })
}

function row({ resources, removal }: Alike): Cell[] {
  const [first] = resources
  const several = resources.length > 1
  return [
    { text: oneLine(several ? `${first.type} ×${resources.length.toLocaleString('en')}` : resourceName(first)) },
    { text: oneLine(removal), paint: (text) => kleur.dim(text) },
    { text: oneLine(outcomeText(first)), paint: paintState(first.state), whole: true },
  ]
}

/** `user 7`; a long key that the removal shows in full is not repeated. */
export function resourceName({ type, key, removal }: ReportedResource): string {
  return key.length > 20 && removal.includes(key) ? type : `${type} ${key}`
}

/** `200 OK`; `failed after 3 tries`; `rolled back`. */
function outcomeText({ state, result, why, attempts, backup }: ReportedResource): string {
  if (state === 'removed') return `${result ?? state}${backup ? ' (backup)' : ''}`
  if (state === 'already-gone' && why !== undefined) return reasonText(why)
  if (state === 'already-gone') return result === undefined ? 'already gone' : `already gone, ${result}`
  if (state === 'gone') return why === undefined ? 'gone' : reasonText(why)
  if (state === 'audit') return result === undefined ? 'audit only' : `audit only, ${result}`
  if (state === 'failed' && attempts > 1) return `failed after ${attempts} tries`
  return state
}

function sourceCell({ resources: [{ state, source }] }: Alike): Cell[] {
  if (isFine(state) || source === undefined) return []
  return [{ text: oneLine(source), paint: (text) => kleur.dim(text), whole: true }]
}

/** The explanation: for a group without the key. */
function explanation(
  { resources: [{ error, why, state, key }] }: Alike,
  scope: ReportedScope | undefined,
  { isShared, ...place }: { width: number; indent: string; isShared: boolean },
): string[] {
  if (error) {
    const message = isShared ? withoutKey(error.message, key) : error.message
    return explainError({ ...error, message }, { ...place, paint: paintState(state) })
  }
  if (why === undefined || why === scope?.why || isFine(state)) return []
  return explainText(reasonText(why), place)
}
