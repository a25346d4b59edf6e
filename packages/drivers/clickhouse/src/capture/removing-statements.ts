/** Finds the tables from which a statement removes rows, whoever owns them. */
import { bareStatement, name } from './insert-text.ts'
import { mutationIn } from './own-mutations.ts'

export interface RowRemoval {
  /** Names, as the statement writes them. */
  readonly tables: readonly string[]
  /** The database whose tables are all affected. */
  readonly database?: string
  /** The condition of the removed rows; undefined: any row. */
  readonly condition?: string | undefined
  /** The statement renames the tables. */
  readonly renames?: true
}

const table = `${name}(?:\\s*\\.\\s*${name})?`
const exists = '(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?'
const ofDatabase = new RegExp(
  `^(?:(?:DROP|TRUNCATE|DETACH|RENAME)\\s+DATABASE|TRUNCATE\\s+(?:ALL\\s+)?TABLES\\s+FROM)\\s+${exists}(${name})`,
  'i',
)
const ofTables = new RegExp(
  `^(?:(?:DROP|DETACH)\\s+TABLE|TRUNCATE(?!\\s+(?:TEMPORARY|ALL)\\s+TABLES?\\b)(?:\\s+TABLE)?)\\s+${exists}`,
  'i',
)
const renaming = new RegExp(`^(?:RENAME\\s+TABLE|EXCHANGE\\s+TABLES|RENAME)\\s+${exists}`, 'i')
const replacing = new RegExp(`^(?:CREATE\\s+OR\\s+)?REPLACE\\s+TABLE\\s+${exists}`, 'i')

/** Removes the rows of a ReplacingMergeTree that are marked as deleted. */
const cleaning = /^OPTIMIZE\s+TABLE\s+(?=[\s\S]*\bCLEANUP\b)/i

/** Undefined: the statement removes no rows. */
export function removalIn(sql: string): RowRemoval | undefined {
  const mutation = mutationIn(sql)
  if (mutation) return { tables: [mutation.table], condition: mutation.condition }
  const text = bareStatement(sql)
  if (cleaning.test(text)) return { tables: namesAfter(cleaning, text) }
  const database = ofDatabase.exec(text)?.[1]
  if (database !== undefined) return { tables: [], database }
  if (renaming.test(text)) return { tables: namesAfter(renaming, text), renames: true }
  if (replacing.test(text)) return { tables: namesAfter(replacing, text).slice(0, 1) }
  return ofTables.test(text) ? { tables: namesAfter(ofTables, text) } : undefined
}

/** `a, b`, `a TO b`, `a AND b` */
function namesAfter(start: RegExp, text: string): readonly string[] {
  const one = new RegExp(`(${table})(?:\\s*,\\s*|\\s+TO\\s+|\\s+AND\\s+|)`, 'iy')
  one.lastIndex = start.exec(text)?.[0].length ?? text.length
  const names: string[] = []
  for (let found = one.exec(text); found; found = found[0] === found[1] ? null : one.exec(text))
    names.push(found[1] as string)
  return names
}
