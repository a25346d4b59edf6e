/** The alert for more orphans than the configuration tolerates. */
import { clock } from '../clock/clock.ts'
import type { Alert } from '../config/alerts.ts'
import type { Settings } from '../config/settings.ts'
import type { Orphans } from '../recovery/orphans.ts'
import { redact } from '../report/redact.ts'

/** One alert, or none. */
export function orphansAlert(all: readonly Orphans[], { alerts, environmentName }: Settings): readonly Alert[] {
  if (!alerts?.orphans) return []
  const { moreThan, olderThanMs } = alerts.orphans
  const before = clock.now() - olderThanMs
  const old = all.filter(({ run, due }) => run.latestAt <= before && countOf([due]) > 0)
  const count = countOf(old.map(({ due }) => due))
  if (count <= moreThan) return []
  const oldest = new Date(Math.min(...old.map(({ run }) => run.latestAt))).toISOString().slice(0, 10)
  const counted = count.toLocaleString('en')
  const title = `${counted} ${count === 1 ? 'orphan' : 'orphans'} of ${old.length} ${old.length === 1 ? 'run' : 'runs'}`
  const hint = 'List them with `npx dustpan orphans`; it says why any cannot be removed.'
  return [
    {
      ...{ about: 'orphans', title, environment: environmentName, count, hint },
      text: `Dustpan: ${title}, the oldest last active on ${oldest}; the limit is ${moreThan}. ${hint}`,
      ...{ runs: old.slice(0, 10).map(({ run }) => run.id), types: typesOf(old) },
      ...{ code: '', store: '', sample: [], source: '' },
    },
  ]
}

const countOf = (counts: readonly Orphans['due'][]): number =>
  counts.flatMap((types) => Object.values(types)).reduce((sum, count) => sum + count, 0)

function typesOf(orphans: readonly Orphans[]): Alert['types'] {
  const types = new Map<string, number>()
  for (const { due } of orphans)
    for (const [type, count] of Object.entries(due)) types.set(redact(type), (types.get(redact(type)) ?? 0) + count)
  return Object.fromEntries(types)
}
