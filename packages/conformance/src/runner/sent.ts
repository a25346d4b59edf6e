/** How much of a project's record has arrived in its shared ledger on PostgreSQL. */
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { once } from '../servers/index.ts'

export type Sent = 'whole' | 'in part' | 'not at all'

/** After the end of a run, sending its last records may take this long on a busy machine. */
const patienceMs = 60_000

export async function sentOf(folder: string, databaseUrl: string): Promise<Sent> {
  const recorded = recordedLines(folder)
  for (const until = Date.now() + patienceMs; ; await sleep(200)) {
    const there = await linesIn(databaseUrl)
    if (recorded.size > 0 && recorded.size === there.size && recorded.isSubsetOf(there)) return 'whole'
    if (Date.now() > until) return there.size === 0 ? 'not at all' : 'in part'
  }
}

function recordedLines(folder: string): ReadonlySet<string> {
  const files = globSync('.dustpan/runs/*/*.jsonl', { cwd: folder })
  return new Set(files.flatMap((file) => numbered(file, readFileSync(join(folder, file), 'utf8'))))
}

function numbered(file: string, text: string): readonly string[] {
  const [run, writer] = [basename(dirname(file)), basename(file, '.jsonl')]
  const lines = text.split('\n').slice(0, -1)
  return lines.map((line, i) => `${run} ${writer} ${i + 1} ${line}`)
}

async function linesIn(databaseUrl: string): Promise<ReadonlySet<string>> {
  const { rows: tables } = await once(
    databaseUrl,
    "SELECT FROM pg_tables WHERE schemaname = 'dustpan' AND tablename = 'lines'",
  )
  if (tables.length === 0) return new Set()
  const { rows } = await once(databaseUrl, 'SELECT run, writer, line, text FROM dustpan.lines')
  return new Set(rows.map(({ run, writer, line, text }) => `${run} ${writer} ${line} ${text}`))
}
