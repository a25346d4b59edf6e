import { DustpanError, each, type Outcomes } from '@dustpan/core/driver'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Sql } from './exchange.ts'
import type { TableShape } from './shapes.ts'

/** Tables whose rows our role cannot all see, and of which the database would take some along. */
export function hiddenFrom({ referencedBy }: TableShape): readonly TableShape['referencedBy'][number][] {
  return referencedBy.filter(({ rule, secured }) => secured && rule !== 'restrict')
}

/** How many rows this session has deleted or changed in tables. NULL where the server does not count. */
export function touchedIn(oids: readonly number[]): Sql {
  const text = `SELECT CASE current_setting('track_counts') WHEN 'on' THEN
      sum(pg_stat_get_xact_tuples_deleted(t) + pg_stat_get_xact_tuples_updated(t)) END::text
    FROM unnest('{${oids.map(Number).join()}}'::oid[]) r, LATERAL (SELECT r UNION SELECT relid FROM pg_partition_tree(r)) p(t)`
  return { text, values: [] }
}

/** What is said of a row that took others along when it was tried, which was undone. */
export function takesHiddenAlong({ shape, targets }: Pick<Batch, 'shape' | 'targets'>): Outcomes {
  const hiding = hiddenFrom(shape).map(readableTable).join(', ')
  const keys = targets.map(({ key }) => JSON.stringify(key)).join(', ')
  const error = new DustpanError(
    'DUSTPAN_HAS_DEPENDENTS',
    `The row ${keys} in ${readableTable(shape)} is referred to by rows of ${hiding} that row-level security hides`,
    { hint: 'Nothing of it was removed. Use a role with BYPASSRLS, or the owner of the table' },
  )
  return each(targets, { state: 'refused', why: 'has-dependents', detail: { dependents: [] }, error })
}
