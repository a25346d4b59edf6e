/** Renders what a test left behind as one line for the runner's own output. */
import { oneLine } from './columns.ts'
import type { CleanupReport, ReportedResource } from './model.ts'

const left = new Set(['kept', 'failed', 'refused', 'pending', 'lost', 'live'])

/** Resources to be removed at the end of their file will be gone by the time anyone reads this. */
const isLeft = ({ state, why }: ReportedResource): boolean => left.has(state) && why !== 'deferred'

/** `left behind: user 7 (kept), order 3 (failed: …)`; undefined when nothing was left. */
export function leftBehind({ scopes }: CleanupReport, maxNamed = 10): string | undefined {
  const resources = scopes.flatMap(({ resources }) => resources).filter(isLeft)
  if (resources.length === 0) return undefined
  const names = resources.slice(0, maxNamed).map(({ type, key, state, error, source }) => {
    const place = source === undefined ? '' : `, ${source}`
    return `${type} ${key} (${state}${error ? `: ${error.message}` : ''}${place})`
  })
  const more = resources.length > maxNamed ? `, and ${resources.length - maxNamed} more` : ''
  return oneLine(`left behind: ${names.join(', ')}${more}`)
}
