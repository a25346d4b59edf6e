import type { Json, RemovalOutcome, Target } from '@dustpan/core/driver'
import { locked, removeByStatement } from '@dustpan/core/rows'
import { textOf } from '../names.ts'
import { failed, isLockTimeout } from './outcomes.ts'
import type { StoreClient } from './own-client.ts'
import { valueSql } from './statement-parts.ts'

/** Runs the user's own statement for one target; each `?` is replaced by a value. */
export function removeBySql(client: StoreClient, target: Target, signal: AbortSignal): Promise<RemovalOutcome> {
  return removeByStatement(target, {
    textOf,
    run: async (sql, params) => (await client.run([filled(sql, params)], signal))[0]?.count ?? 0,
    failed: (what, error) => (isLockTimeout(error) ? locked : failed(what, error)),
  })
}

/** A question mark in a quoted text, a name or a comment is not a placeholder. */
const quotedOrPlaceholder =
  /'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`(?:[^`]|``)*`|\/\*[\s\S]*?\*\/|--[ \t][^\n]*|#[^\n]*|\?/g

function filled(sql: string, values: readonly Json[]): string {
  let next = 0
  return sql
    .trim()
    .replace(/;\s*$/, '')
    .replace(quotedOrPlaceholder, (part) =>
      part === '?' && next < values.length ? valueSql(values[next++] ?? null) : part,
    )
}
