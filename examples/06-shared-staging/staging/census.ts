/**
 * `npm run census`: counts the rows of each table by owner. With `-- before` it saves every row; without, it compares, and exits with 1 when
 * somebody else's row has changed, or when we have a new row that is neither marked as deleted nor kept for a failed test.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { keptThings } from './kept.ts'
import { type Row, readRows } from './rows.ts'

const file = join(tmpdir(), 'census-of-staging.json')
const now = await readRows()
const isFirst = process.argv[2] === 'before'
if (isFirst) writeFileSync(file, JSON.stringify(now))
const before = JSON.parse(readFileSync(file, 'utf8')) as Row[]

console.table(counts())
const problems = [...damaged(), ...unexplained()]
for (const problem of problems) console.log(`✗ ${problem}`)
if (problems.length === 0 && !isFirst)
  console.log('✓ Of others every row is as it was. Of us there is nothing new but what is marked as deleted or kept.')
process.exitCode = problems.length === 0 ? 0 : 1

/** `3`, or `3 → 5` if it has changed. */
function counts(): Record<string, Record<string, string>> {
  const whose = [...new Set([...before, ...now].map((row) => row.whose))].sort()
  const count = (rows: readonly Row[], table: string, who: string) =>
    rows.filter((row) => row.table === table && row.whose === who).length
  const cell = (table: string, who: string) =>
    [...new Set([count(before, table, who), count(now, table, who)])].join(' → ')
  const tables = [...new Set(before.map(({ table }) => table))]
  return Object.fromEntries(
    tables.map((table) => [table, Object.fromEntries(whose.map((who) => [who, cell(table, who)]))]),
  )
}

function damaged(): string[] {
  const others = before.filter(({ whose }) => whose !== 'us')
  const changed = others.filter((row) => !isDeepStrictEqual(find(now, nameOf(row)), row))
  return changed.map((row) => `${nameOf(row)} of ${row.whose} is not as it was`)
}

function unexplained(): string[] {
  const kept = keptThings()
  const ours = now.filter((row) => row.whose === 'us' && !find(before, nameOf(row)) && !isMarked(row))
  // A kept order keeps its items.
  const left = ours.filter((row) => !kept.has(nameOf(row)) && !kept.has(`orders ${row.columns.order_id}`))
  return left.map((row) => `${nameOf(row)} of us is still there`)
}

function nameOf({ table, id }: Row): string {
  return `${table} ${id}`
}

function find(rows: readonly Row[], name: string): Row | undefined {
  return rows.find((row) => nameOf(row) === name)
}

function isMarked({ columns }: Row): boolean {
  return (columns.deleted_at ?? null) !== null
}
