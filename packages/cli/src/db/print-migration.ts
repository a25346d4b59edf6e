/** `dustpan db migration`: the SQL that gives tables columns which mark the rows that tests make. */
import { metadataMigrations, type StoreMigration } from '@dustpan/core/ledger'
import type { DbOptions } from '../commands/db.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsFor } from '../settings.ts'

/** To be piped into a file: all that is not SQL is a comment. */
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
    return [`-- ${oneLine(table)}: lacks ${lacks.map((what) => words[what]).join(', ')}`, ...sql].join('\n')
  })
  return [`-- ${driver} ${store}`, ...parts, ''].join('\n')
}

const words = { columns: 'the columns', default: 'their defaults', index: 'the index' } as const

/** A table's name may hold a line's end, behind which a comment would be none. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ')
}
