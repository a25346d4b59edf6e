/** Runs a script on twin databases, one of them captured, and returns all differences. */
import { isDeepStrictEqual } from 'node:util'
import type { RecordingSink } from '@dustpan/conformance/capture'
import { difference } from '@dustpan/conformance/sql-fuzz'
import { installed, opened, rows, type TestClient, uninstalled } from '../clients.ts'
import { play, state } from './play.ts'
import { createdSql, schema } from './schema.ts'
import type { Step } from './script.ts'

const end: Step = { by: 'exec', text: 'ROLLBACK', values: [] }

export function differences(client: TestClient, steps: readonly Step[], sabotage = (_: RecordingSink) => {}): string[] {
  const bare = opened(client)
  bare.exec(schema)
  const expected = play(bare, [...steps, end])
  const captured = opened(client)
  captured.exec(schema)
  const sink = installed(client)
  sabotage(sink)
  const seen = play(captured, [...steps, end])
  uninstalled()
  const apart = [difference(expected, seen), difference(state(bare), state(captured))].filter(
    (text) => text !== undefined,
  )
  const created = rows(captured, createdSql).map((row) => String((row as { row: unknown }).row))
  const wrong = trackedWrongly(sink, [...new Set(created)], steps)
  bare.close()
  captured.close()
  return [...apart, ...wrong]
}

/** In a transaction, SQLite does not report which rows UPDATE OR REPLACE deletes. */
function mayBeReplaced(row: string, steps: readonly Step[]): boolean {
  const table = row.split(' ')[0] ?? ''
  return steps.some(({ text }) => new RegExp(`UPDATE\\s+OR\\s+REPLACE\\s+(?:\\w+\\.)?"?${table}\\b`, 'i').test(text))
}

function trackedWrongly(sink: RecordingSink, created: readonly string[], steps: readonly Step[]): string[] {
  const live = [...new Set(sink.live())]
    .filter((row) => !/^(?:extra|sqlite_)/.test(row))
    .filter((row) => created.includes(row) || !mayBeReplaced(row, steps))
  const warnings = sink.warnings
    .map(({ code, subject, message }) => `${code} ${subject}: ${message}`)
    .filter((warning) => !/NULL in the primary key/.test(warning))
  return isDeepStrictEqual(live.toSorted(), created.toSorted())
    ? warnings
    : [
        `lost: ${created.filter((row) => !live.includes(row))}`,
        `claimed: ${live.filter((row) => !created.includes(row))}`,
        ...warnings,
      ]
}
