/** What a test left, in a line for the runner's own output. */
import { oneLine } from './columns.ts'
import type { CleanupReport, ReportedResource } from './model.ts'

const left = new Set(['kept', 'failed', 'refused', 'pending', 'lost', 'live'])

/** What waits for its file's end will not be there by the time that somebody reads this. */
const isLeft = ({ state, why }: ReportedResource): boolean => left.has(state) && why !== 'deferred'

/** `left behind: user 7 (kept), order 3 (failed: …)`; undefined when nothing was left. */
export function leftBehind({ scopes }: CleanupReport, most = 10): string | undefined {
  const resources = scopes.flatMap(({ resources }) => resources).filter(isLeft)
  if (resources.length === 0) return undefined
  const told = resources.slice(0, most).map(({ type, key, state, error, source }) => {
    const place = source === undefined ? '' : `, ${source}`
    return `${type} ${key} (${state}${error ? `: ${error.message}` : ''}${place})`
  })
  const more = resources.length > most ? `, and ${resources.length - most} more` : ''
  return oneLine(`left behind: ${told.join(', ')}${more}`)
}
