/** `dustpan db migration`: prints the SQL that adds columns to mark rows created by tests. */
import { metadataMigrations, type StoreMigration } from '@dustpan/core/ledger'
import type { DbOptions } from '../commands/db.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'

/** Everything that is not SQL is a comment, so that the output can be piped into a file. */
export async function printMigration(call: Call<DbOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const stores = await metadataMigrations(await settingsFor(call), { store: options.store, tables: options.table })
  terminal.write(options.json ? `${JSON.stringify({ stores }, null, 2)}\n` : stores.map(storeText).join('\n'))
  return exitCode.done
}

function storeText({ driver, store, tables }: StoreMigration): string {
  const parts = tables.map(({ table, lacks, sql, why }) => {
    if (why !== undefined) return `-- ${oneLine(table)}: left out, ${oneLine(why)}`
    if (lacks.length === 0) return `-- ${oneLine(table)}: complete`
    return [`-- ${oneLine(table)}: lacks ${lacks.map((part) => words[part]).join(', ')}`, ...sql].join('\n')
  })
  return [`-- ${driver} ${store}`, ...parts, ''].join('\n')
}

const words = { columns: 'the columns', default: 'their defaults', index: 'the index' } as const

/** A line break in a table's name would end the SQL comment. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
