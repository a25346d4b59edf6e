import { DustpanError } from '@dustpan/core'
import { listRuns, outlineOf } from '@dustpan/core/ledger'

/**
 * Finds a run by its id, the start of its id, or `latest`: the newest run of this machine in the ledger, never one that a
 * shared ledger has from other machines. Undefined for `latest` in an empty ledger.
 * @throws DustpanError `DUSTPAN_UNKNOWN_RUN` when no run or more than one matches.
 */
export function findRun(dir: string, wanted: string): string | undefined {
  const ids = listRuns(dir).map(({ id }) => id)
  if (wanted === 'latest') return latestOf(dir, ids)
  if (ids.includes(wanted)) return wanted
  const [found, ...others] = ids.filter((id) => id.startsWith(wanted))
  if (found !== undefined && others.length === 0) return found
  const problem =
    found === undefined
      ? `has no run ${JSON.stringify(wanted)}`
      : `has ${others.length + 1} runs that start with ${JSON.stringify(wanted)}`
  throw new DustpanError('DUSTPAN_UNKNOWN_RUN', `${dir} ${problem}.`, {
    hint: '`dustpan list` shows the runs. Use --dir or DUSTPAN_DIR for another ledger.',
  })
}

function latestOf(dir: string, ids: readonly string[]): string | undefined {
  const [newest] = ids
  const own = ids.find((id) => isOwn(dir, id))
  if (own !== undefined || newest === undefined) return own
  throw new DustpanError(
    'DUSTPAN_UNKNOWN_RUN',
    `${dir} has only runs of other machines, and \`latest\` never means one of them. The newest is ${newest}.`,
    { hint: 'Give the id of the run: `dustpan list` shows them.' },
  )
}

/** Whether the run's own processes, not only its cleaners, ran on this machine. A folder without a record was created here. */
function isOwn(dir: string, id: string): boolean {
  const writers = writersOf(dir, id).filter(({ role }) => role !== 'cli' && role !== 'reaper')
  return writers.length === 0 || writers.some(({ elsewhere }) => elsewhere !== true)
}

function writersOf(dir: string, id: string) {
  try {
    return outlineOf(dir, id).writers
  } catch {
    return []
  }
}
