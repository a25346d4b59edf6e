/** The order of rows inside a cycle of tables, for a group that takes more than one batch. */
import type { ResourceId } from '@dustpan/core/driver'
import type { Client } from '../client.ts'
import { quoted } from '../quote.ts'
import { found, keysParameter } from '../rows.ts'
import type { Batch } from './batches.ts'
import type { ForeignKey } from './foreign-keys.ts'
import type { TableGroups } from './table-groups.ts'

type Pair = readonly [child: ResourceId, parent: ResourceId]

export function cyclicRows(
  client: Client,
  batches: readonly Batch[],
  keys: readonly ForeignKey[],
  groups: TableGroups,
): Pair[] {
  const cyclic = batches.filter(({ lookup, set }) => set === undefined && groups.isCyclic(lookup.table))
  return cyclic.flatMap((child) =>
    cyclic.flatMap((parent) =>
      keys
        .filter((key) => key.child === child.lookup.table && key.parent === parent.lookup.table)
        .flatMap((key) => pairs(client, child, parent, key)),
    ),
  )
}

function pairs(client: Client, child: Batch, parent: Batch, key: ForeignKey): Pair[] {
  const side = (batch: Batch) => `(SELECT j.key AS i, x.* FROM ${found(batch.lookup, '?', true)})`
  const refers = key.from.map((column, i) => `p.${quoted(key.to[i] ?? '')} = c.${quoted(column)}`).join(' AND ')
  const sql = `SELECT c.i AS child, p.i AS parent FROM ${side(child)} AS c JOIN ${side(parent)} AS p ON ${refers}`
  const rows = client.all(sql, keysParameter(child.lookup, child.targets), keysParameter(parent.lookup, parent.targets))
  return rows.flatMap((row) => {
    const pair = [child.targets[Number(row.child)]?.id, parent.targets[Number(row.parent)]?.id] as const
    return pair[0] === undefined || pair[1] === undefined || pair[0] === pair[1] ? [] : [[pair[0], pair[1]] as const]
  })
}
