import { DustpanError } from '@dustpan/core/driver'
import { each, type Outcomes } from '@dustpan/core/rows'
import { readableTable } from '../names.ts'
import type { Batch } from './batches.ts'
import type { Sql } from './exchange.ts'
import type { Table } from './tables.ts'

/**
 * Foreign keys of tables in which row-level security hides rows from our role, and whose rows the database would delete or
 * change by their rule.
 */
export function hiddenFrom({ referencedBy }: Table): readonly Table['referencedBy'][number][] {
  return referencedBy.filter(({ rule, secured }) => secured && rule !== 'restrict')
}

/** Counts the rows that this session has deleted or changed in tables. NULL where the server does not count. */
export function touchedCountSql(oids: readonly number[]): Sql {
  const text = `SELECT CASE current_setting('track_counts') WHEN 'on' THEN
      sum(pg_stat_get_xact_tuples_deleted(t) + pg_stat_get_xact_tuples_updated(t)) END::text
    FROM unnest('{${oids.map(Number).join()}}'::oid[]) r, LATERAL (SELECT r UNION SELECT relid FROM pg_partition_tree(r)) p(t)`
  return { text, values: [] }
}

/** The outcome for a row whose removal would change hidden rows; the attempt was rolled back. */
export function affectsHidden({ table, targets }: Pick<Batch, 'table' | 'targets'>): Outcomes {
  const hiddenTables = hiddenFrom(table).map(readableTable).join(', ')
  const keys = targets.map(({ key }) => JSON.stringify(key)).join(', ')
  const error = new DustpanError(
    'DUSTPAN_HAS_DEPENDENTS',
    `The row ${keys} in ${readableTable(table)} is referred to by rows of ${hiddenTables} that row-level security hides`,
    { hint: 'Nothing of it was removed. Use a role with BYPASSRLS, or the owner of the table' },
  )
  return each(targets, { state: 'refused', why: 'has-dependents', detail: { dependents: [] }, error })
}
