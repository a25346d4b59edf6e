/** What a test left, in a line for the runner's own output. */
import type { CleanupReport } from './model.ts'

const left = new Set(['kept', 'failed', 'refused', 'pending', 'lost', 'live'])

/** `left behind: user 7 (kept), order 3 (failed: …)`; undefined when nothing was left. */
export function leftBehind({ scopes }: CleanupReport, most = 10): string | undefined {
  const resources = scopes.flatMap(({ resources }) => resources).filter(({ state }) => left.has(state))
  if (resources.length === 0) return undefined
  const told = resources.slice(0, most).map(({ type, key, state, error, source }) => {
    const place = source === undefined ? '' : `, ${source}`
    return `${type} ${key} (${state}${error ? `: ${error.message}` : ''}${place})`
  })
  const more = resources.length > most ? `, and ${resources.length - most} more` : ''
  return `left behind: ${told.join(', ')}${more}`
}
