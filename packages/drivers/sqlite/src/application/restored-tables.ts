import type { Settings } from '../options.ts'
import { sameName } from '../tables.ts'

/** Whether rows of a table that tests changed or deleted are restored. Undefined: none are. */
export type RestoresTable = ((table: string) => boolean) | undefined

export function restoredTables({ application }: Settings): RestoresTable {
  const restore = typeof application === 'object' ? application.restore : undefined
  if (restore === true) return () => true
  return restore ? (table) => restore.some((name) => sameName(name, table)) : undefined
}
