import { DustpanError } from '@dustpan/core'
import { listRuns } from '@dustpan/core/ledger'

/**
 * The run that is meant by an id, the beginning of one, or `latest`; undefined: the ledger has no runs at all, and `latest` was asked for.
 * @throws DustpanError `DUSTPAN_UNKNOWN_RUN` when there is none or more than one.
 */
export function findRun(dir: string, wanted: string): string | undefined {
  const ids = listRuns(dir).map(({ id }) => id)
  if (wanted === 'latest') return ids[0]
  if (ids.includes(wanted)) return wanted
  const [found, ...others] = ids.filter((id) => id.startsWith(wanted))
  if (found !== undefined && others.length === 0) return found
  const problem =
    found === undefined
      ? `has no run ${JSON.stringify(wanted)}`
      : `has ${others.length + 1} runs that begin with ${JSON.stringify(wanted)}`
  throw new DustpanError('DUSTPAN_UNKNOWN_RUN', `${dir} ${problem}.`, {
    hint: '`dustpan list` shows the runs; DUSTPAN_DIR or --dir says where the ledger is.',
  })
}
