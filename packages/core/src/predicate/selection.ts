/** Builds a selection: a predicate, and what the configuration protects from it, as part of the removing statement. */

import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import { limitsOf } from '../planning/protect.ts'
import type { Predicate, RunsAtWork, Selection, Spared } from '../resource/predicate.ts'

/**
 * `live`: recorded resources of runs in progress. `runs`: runs whose resources are kept, unless one is selected by name.
 * @throws DustpanError `DUSTPAN_PROTECTED` for a reset where old data is protected, which it would remove.
 */
export function selectionOf(
  predicate: Predicate,
  deletion: Selection['deletion'],
  settings: Pick<Settings, 'protect' | 'profile' | 'metadata'>,
  live: Spared['ids'] = {},
  runs?: RunsAtWork,
): Selection {
  const { spared, after } = limitsOf(settings)
  if (after !== undefined && predicate.reset) throw protectsOldData()
  const youngEnough = after === undefined ? {} : { after: Math.max(after, predicate.after ?? 0) }
  const { columns } = settings.metadata
  return {
    predicate: { ...predicate, ...youngEnough },
    spared: { ...spared, ids: merged(spared.ids, live) },
    ...(runs && predicate.run === undefined && !predicate.reset ? { runs } : {}),
    ...(columns === false ? {} : { metadata: columns }),
    ...(deletion ? { deletion } : {}),
  }
}

function merged(a: Spared['ids'], b: Spared['ids']): Spared['ids'] {
  const types = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...types].map((type) => [type, [...(a[type] ?? []), ...(b[type] ?? [])]]))
}

function protectsOldData(): DustpanError {
  return new DustpanError(
    'DUSTPAN_PROTECTED',
    'Nothing is reset: the setting protect.olderThan protects old data, and a reset removes everything.',
    { hint: 'Remove by tag, run or owner, or remove protect.olderThan from the configuration of this environment.' },
  )
}
