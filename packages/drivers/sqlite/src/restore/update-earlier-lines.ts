import type { Change } from '@dustpan/core/rows'
import { held } from '../application/log-lines.ts'
import { imageSql } from '../application/log-triggers.ts'
import type { Client } from '../client.ts'
import { tableName } from '../rows.ts'
import { isAt, keyOf, type Restoration } from './row-state.ts'

/** The source text of each value in the log: a number parsed by JavaScript may end up with another type. */
type Image = ReadonlyMap<string, string>

/**
 * When a trigger changed the row during its restoration, updates the images of earlier changes to it, so that they still match.
 */
export function updateEarlierLines(client: Client, { first }: Change, { table, before }: Restoration): void {
  const image = `SELECT ${imageSql(table, 'dustpan_row')} AS made, (SELECT was FROM main.dustpan_log WHERE id = ?) AS was
    FROM ${tableName(table)} AS dustpan_row WHERE ${isAt(table)}`
  const [row] = client.all(image, first, ...keyOf(table, before))
  if (!row) return
  const wanted = imageIn(row.was)
  const set = [...imageIn(row.made)].filter(([name, value]) => value !== wanted.get(name))
  // The log has no index by key: usually there is no trigger, and nothing to look for.
  if (set.length === 0) return
  for (const { id, now } of earlierLines(client, first)) {
    const left = imageIn(now)
    const ownChanges = set.filter(([name]) => left.get(name) === wanted.get(name))
    if (ownChanges.length > 0)
      client.run(
        'UPDATE main.dustpan_log SET now = ? WHERE id = ?',
        textOf(new Map([...left, ...ownChanges])),
        Number(id),
      )
  }
}

const earlierLines = (client: Client, first: number) =>
  client.all(
    `SELECT l.id, l.now FROM main.dustpan_log f JOIN main.dustpan_log l ON l.tbl = f.tbl AND l.key = f.key
      WHERE f.id = ? AND l.id < f.id AND l.settled = ${held} AND l.now IS NOT NULL AND l.key_now IS NULL`,
    first,
  )

function imageIn(text: unknown): Image {
  const values = JSON.parse(String(text), (_, value, context?: { readonly source?: string }) =>
    typeof value === 'number' ? new Source(context?.source ?? String(value)) : value,
  ) as Readonly<Record<string, unknown>>
  return new Map(
    Object.entries(values).map(([name, value]) => [name, value instanceof Source ? value.text : JSON.stringify(value)]),
  )
}

class Source {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

const textOf = (image: Image): string =>
  `{${[...image].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
