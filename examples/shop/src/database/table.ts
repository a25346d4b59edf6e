import type { Queries, Row, Value } from './database.ts'

export interface Table {
  readonly name: string
  /** Rows are marked as deleted and hidden, instead of being removed. */
  readonly softDelete?: true
}

export type Values = Readonly<Record<string, Value>>

export async function insert(db: Queries, table: Table, values: Values): Promise<Row> {
  const columns = Object.keys(values)
  const marks = columns.map(() => '?')
  const sql = `INSERT INTO ${table.name} (${columns.join(', ')}) VALUES (${marks.join(', ')}) RETURNING *`
  const [row] = await db.query(sql, Object.values(values))
  if (row === undefined) throw new Error(`${table.name}: the inserted row was not returned`)
  return row
}

export function list(db: Queries, table: Table, where: Values = {}): Promise<readonly Row[]> {
  const conditions = ['1 = 1', ...Object.keys(where).map((column) => `${column} = ?`), ...present(table)]
  const sql = `SELECT * FROM ${table.name} WHERE ${conditions.join(' AND ')} ORDER BY id`
  return db.query(sql, Object.values(where))
}

export async function find(db: Queries, table: Table, where: Values): Promise<Row | undefined> {
  const [row] = await list(db, table, where)
  return row
}

export async function update(db: Queries, table: Table, id: number, values: Values): Promise<Row | undefined> {
  const changes = Object.keys(values).map((column) => `${column} = ?`)
  if (changes.length === 0) return find(db, table, { id })
  const conditions = ['id = ?', ...present(table)]
  const sql = `UPDATE ${table.name} SET ${changes.join(', ')} WHERE ${conditions.join(' AND ')} RETURNING *`
  const [row] = await db.query(sql, [...Object.values(values), id])
  return row
}

/** Resolves to whether the row existed. */
export async function remove(db: Queries, table: Table, id: number): Promise<boolean> {
  if (table.softDelete === undefined) return removeForGood(db, table, id)
  const now = new Date().toISOString()
  return (await update(db, table, id, { is_active: false, deleted_at: now })) !== undefined
}

export async function removeForGood(db: Queries, table: Table, id: number): Promise<boolean> {
  const rows = await db.query(`DELETE FROM ${table.name} WHERE id = ? RETURNING id`, [id])
  return rows.length > 0
}

/** Includes rows that are marked as deleted. */
export function listAll(db: Queries, table: Table): Promise<readonly Row[]> {
  return db.query(`SELECT * FROM ${table.name} ORDER BY id`)
}

/** A row that is marked as deleted. */
export async function findDeleted(db: Queries, table: Table, id: number): Promise<Row | undefined> {
  const [row] = await db.query(`SELECT * FROM ${table.name} WHERE id = ? AND deleted_at IS NOT NULL`, [id])
  return row
}

/** Undefined when no such row is marked as deleted. */
export async function bringBack(db: Queries, table: Table, id: number): Promise<Row | undefined> {
  const sql = `UPDATE ${table.name} SET is_active = ?, deleted_at = NULL WHERE id = ? AND deleted_at IS NOT NULL RETURNING *`
  const [row] = await db.query(sql, [true, id])
  return row
}

function present(table: Table): string[] {
  return table.softDelete === undefined ? [] : ['deleted_at IS NULL']
}
