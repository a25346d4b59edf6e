import {
  type LeaseHolder,
  leaseMs,
  type RunOutline,
  type SharedLedger,
  type SharedRunState,
} from '@dustpan/core/shared-ledger'
import { postgresJobs } from './jobs.ts'
import { lacksRights, type MissingRights } from './lacks-rights.ts'
import { settingsOf } from './options.ts'
import { statementsFor } from './statements.ts'
import { openStore } from './store.ts'

/** The shared ledger on PostgreSQL. @throws DustpanError `DUSTPAN_CONFIG_INVALID` */
export function createLedger(options: unknown): SharedLedger {
  const { url, schema, keepMs } = settingsOf(options)
  const statements = statementsFor(schema)
  const store = openStore(url, schema)
  const { query } = store
  return {
    keepMs,
    identity: store.identity,
    async doubt() {
      const missing = await query<MissingRights>(statements.lackingRights)
      if (missing.length > 0) throw lacksRights(schema, missing)
      return undefined
    },
    async append({ run, build, host }, lines) {
      const parts = lines.flatMap(({ writer, from, text }) => [writer, from, text])
      await query(statements.append(lines.length), [run, build ?? null, host, ...parts])
    },
    async positions(run) {
      const rows = await query<{ writer: string; lines: number | null }>(statements.positions, [run])
      return new Map(rows.map(({ writer, lines }) => [writer, lines ?? 0]))
    },
    async runs(run) {
      return (await query<RunRow>(statements.runs, [run ?? null])).map(stateOf)
    },
    async *lines(run, writer) {
      for (let line = 0; ; ) {
        const rows = await query<LineRow>(statements.lines, [run, writer, line, pageSize])
        yield textOf(rows, line)
        if (rows.length < pageSize) return
        line = (rows.at(-1) as LineRow).line
      }
    },
    async keepOutline(run, outline, changes) {
      await query(statements.keepOutline, [run, JSON.stringify(outline), changes])
    },
    async lease(run, holder, instead) {
      const taken = await query(statements.lease, [
        run,
        holder.lease,
        JSON.stringify(holder),
        instead?.lease ?? '',
        leaseMs,
      ])
      if (taken.length > 0) return undefined
      const [held] = await query<{ holder: LeaseHolder }>(statements.holder, [run])
      return held ? held.holder : this.lease(run, holder, instead)
    },
    renew: async (run, { lease }) => (await query(statements.renew, [run, lease, leaseMs])).length > 0,
    async release(run, { lease }) {
      await query(statements.release, [run, lease])
    },
    async drop(run, changes) {
      await query(statements.drop, [run, changes])
    },
    jobs: () => postgresJobs(url, schema),
    [Symbol.asyncDispose]: store.end,
  }
}

const pageSize = 10_000

interface LineRow {
  readonly line: number
  readonly text: string
}

/** The text of the rows after line `after`; a missing line is empty. */
function textOf(rows: readonly LineRow[], after: number): string {
  let at = after
  return rows
    .map(({ line, text }) => {
      const missing = line - at - 1
      at = line
      return `${'\n'.repeat(missing)}${text}\n`
    })
    .join('')
}

interface RunRow {
  readonly run: string
  readonly build: string | null
  readonly host: string
  readonly heard: string
  readonly silent: string
  readonly outline: RunOutline | null
  readonly writers: Readonly<Record<string, readonly [lines: number, changes: number]>>
}

function stateOf({ run, build, host, heard, silent, outline, writers }: RunRow): SharedRunState {
  return {
    ...{ run, host, heard, silentForMs: Math.max(0, Number(silent)) },
    ...(build === null ? {} : { build }),
    ...(outline === null ? {} : { outline }),
    writers: new Map(Object.entries(writers).map(([writer, [lines, changes]]) => [writer, { lines, changes }])),
  }
}
