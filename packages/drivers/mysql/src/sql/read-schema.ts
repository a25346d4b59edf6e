/** Parses the effects of ALTER TABLE and RENAME TABLE on rows; other schema changes have none. */
import type { SchemaChange, TableReference, Unseen } from './statement.ts'
import type { StatementReader } from './statement-reader.ts'

type Read = SchemaChange & { readonly unseen?: Unseen }

export function readRename(reader: StatementReader): Read {
  if (!reader.skip('TABLE', 'TABLES')) return { kind: 'schema' }
  skipIfExists(reader)
  const renames: (readonly [TableReference, TableReference])[] = []
  do {
    const from = reader.table()
    skipWait(reader)
    reader.skip('TO')
    renames.push([from, reader.table()])
  } while (reader.skipSign(','))
  return { kind: 'schema', renames }
}

export function readAlter(reader: StatementReader): Read {
  reader.skip('ONLINE')
  const ignores = reader.skip('IGNORE')
  if (!reader.skip('TABLE')) return { kind: 'schema' }
  skipIfExists(reader)
  const table = reader.table()
  skipWait(reader)
  const words = reader.words()
  const exchanges = movesRows.test(words) ? [table, ...(reader.skipPast('TABLE') ? [reader.table()] : [])] : undefined
  const renamed = exchanges ? undefined : newName(reader)
  const removes = exchanges ?? (ignores || dropsRows.test(words) ? [table] : undefined)
  return {
    kind: 'schema',
    ...(renamed ? { renames: [[table, renamed]] } : {}),
    ...(exchanges ? { exchanges } : {}),
    ...(removes ? { unseen: { removes, writes: [] } } : {}),
  }
}

const dropsRows = /\b(?:TRUNCATE|DROP) PARTITION\b/
const movesRows =
  /\bEXCHANGE PARTITION\b|\bCONVERT (?:PARTITION|TABLE)\b|\b(?:DISCARD|IMPORT) (?:PARTITION\b.*)?TABLESPACE\b/

/** The table's new name; ignores renamed columns and indexes. */
function newName(reader: StatementReader): TableReference | undefined {
  while (reader.skipPast('RENAME')) {
    if (reader.skip('COLUMN', 'INDEX', 'KEY')) continue
    reader.skip('TO', 'AS')
    reader.skipSign('=')
    return reader.table()
  }
  return undefined
}

function skipIfExists(reader: StatementReader): void {
  if (reader.skip('IF')) reader.skip('EXISTS')
}

function skipWait(reader: StatementReader): void {
  if (reader.skip('WAIT')) reader.word()
  reader.skip('NOWAIT')
}
