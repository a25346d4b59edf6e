import type { Sql } from './exchange.ts'

export const begin: Sql = { text: 'BEGIN', values: [] }
export const commit: Sql = { text: 'COMMIT', values: [] }
export const rollback: Sql = { text: 'ROLLBACK', values: [] }
