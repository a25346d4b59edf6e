/** A predicate, and what the configuration protects from it: part of the removing statement. */
import { limitsOf } from '../cleanup/protect.ts'
import type { Settings } from '../config/settings.ts'
import { DustpanError } from '../errors/dustpan-error.ts'
import type { Predicate, RunsAtWork, Selection, Spared } from '../resource/predicate.ts'

/**
 * `live`: what runs that are going on have on record. `runs`: whose things stay, unless their run is asked for by name.
 * @throws DustpanError `DUSTPAN_PROTECTED` for a reset where old things are protected: it would take these as well.
 */
export function selectionOf(
  predicate: Predicate,
  deletion: Selection['deletion'],
  settings: Pick<Settings, 'protect' | 'profile' | 'metadata'>,
  live: Spared['ids'] = {},
  runs?: RunsAtWork,
): Selection {
  const { spared, after } = limitsOf(settings)
  if (after !== undefined && predicate.reset) throw keepsOldThings()
  const youngEnough = after === undefined ? {} : { after: Math.max(after, predicate.after ?? 0) }
  const { columns } = settings.metadata
  return {
    predicate: { ...predicate, ...youngEnough },
    spared: { ...spared, ids: both(spared.ids, live) },
    ...(runs && predicate.run === undefined && !predicate.reset ? { runs } : {}),
    ...(columns === false ? {} : { metadata: columns }),
    ...(deletion ? { deletion } : {}),
  }
}

function both(a: Spared['ids'], b: Spared['ids']): Spared['ids'] {
  const types = new Set([...Object.keys(a), ...Object.keys(b)])
  return Object.fromEntries([...types].map((type) => [type, [...(a[type] ?? []), ...(b[type] ?? [])]]))
}

function keepsOldThings(): DustpanError {
  return new DustpanError(
    'DUSTPAN_PROTECTED',
    'Nothing is reset: the setting protect.olderThan protects old data, and a reset removes everything.',
    { hint: 'Remove by tag, run or owner, or remove protect.olderThan from the configuration of this environment.' },
  )
}
