import { parseTableName, type TableName } from '../names.ts'
import type { Settings } from '../options.ts'

/** Whether changed and deleted rows of a table are restored. Undefined when no tables are. */
export type RestoresTable = ((table: TableName) => boolean) | undefined

export function restoredTables({ application }: Settings): RestoresTable {
  const restore = typeof application === 'object' ? application.restore : undefined
  if (!Array.isArray(restore)) return restore === true ? () => true : undefined
  const named = restore.map((name: string) => parseTableName(name))
  return ({ schema, table }) => named.some((one) => one?.table === table && (one.schema ?? 'public') === schema)
}
