import assert from 'node:assert/strict'
import type { OrmCase } from './cases.ts'
import type { StoredRow } from './databases/database.ts'
import type { Pair } from './pair.ts'

/** Throws if the ORM does not pass the case. */
export async function holdCase({ name, creates, renames }: OrmCase, { watched, bare, database }: Pair): Promise<void> {
  const before = await database.rows()
  const [{ answer, recorded, complaints }, alone] = await Promise.all([
    watched.ask({ act: name }),
    bare.ask({ act: name }),
  ])
  const known = new Set(before.map(nameOf))
  const created = (await database.rows()).filter((row) => !known.has(nameOf(row)))
  const { recorded: outcome } = await watched.ask('close')
  const after = await database.rows()

  assert.equal(answer, alone.answer, 'the ORM answers as it does without Dustpan')
  assert.deepEqual(countsOf(created), creates, 'as many rows are new as the case creates')
  assert.deepEqual(recorded, statesOf(created, 'live'), 'the new rows are on record, and nothing else')
  assert.deepEqual(complaints, [], 'nothing stays unclear')
  assert.deepEqual(outcome, statesOf(created, 'removed'), 'each is removed when the test has passed')
  const renamed = (text: string) => (renames ? text.replace(`"${renames.from}"`, `"${renames.to}"`) : text)
  assert.deepEqual(
    after,
    before.map((row) => ({ ...row, text: renamed(row.text) })),
    'everything else is as it was',
  )
}

const nameOf = ({ table, key }: StoredRow): string => `${table} ${key}`

const statesOf = (rows: readonly StoredRow[], state: string): Readonly<Record<string, string>> =>
  Object.fromEntries(rows.map((row) => [nameOf(row), state]))

function countsOf(rows: readonly StoredRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const { table } of rows) counts[table] = (counts[table] ?? 0) + 1
  return counts
}
