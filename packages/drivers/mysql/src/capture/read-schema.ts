/** What ALTER TABLE and RENAME TABLE do to rows; others leave them where they are. */
import type { SchemaChange, TableReference, Unseen } from './statement.ts'
import type { StatementReader } from './statement-reader.ts'

type Read = SchemaChange & { readonly unseen?: Unseen }

export function readRename(reader: StatementReader): Read {
  if (!reader.skip('TABLE', 'TABLES')) return { kind: 'schema' }
  passExistence(reader)
  const renames: (readonly [TableReference, TableReference])[] = []
  do {
    const from = reader.table()
    passWaiting(reader)
    reader.skip('TO')
    renames.push([from, reader.table()])
  } while (reader.skipSign(','))
  return { kind: 'schema', renames }
}

export function readAlter(reader: StatementReader): Read {
  reader.skip('ONLINE')
  const ignores = reader.skip('IGNORE')
  if (!reader.skip('TABLE')) return { kind: 'schema' }
  passExistence(reader)
  const table = reader.table()
  passWaiting(reader)
  const words = reader.words()
  const exchanges = moving.test(words) ? [table, ...(reader.goBehind('TABLE') ? [reader.table()] : [])] : undefined
  const renamed = exchanges ? undefined : newName(reader)
  const takes = exchanges ?? (ignores || losing.test(words) ? [table] : undefined)
  return {
    kind: 'schema',
    ...(renamed ? { renames: [[table, renamed]] } : {}),
    ...(exchanges ? { exchanges } : {}),
    ...(takes ? { unseen: { takes, writes: [] } } : {}),
  }
}

const losing = /\b(?:TRUNCATE|DROP) PARTITION\b/
const moving =
  /\bEXCHANGE PARTITION\b|\bCONVERT (?:PARTITION|TABLE)\b|\b(?:DISCARD|IMPORT) (?:PARTITION\b.*)?TABLESPACE\b/

/** Not that of a column or an index. */
function newName(reader: StatementReader): TableReference | undefined {
  while (reader.goBehind('RENAME')) {
    if (reader.skip('COLUMN', 'INDEX', 'KEY')) continue
    reader.skip('TO', 'AS')
    reader.skipSign('=')
    return reader.table()
  }
  return undefined
}

function passExistence(reader: StatementReader): void {
  if (reader.skip('IF')) reader.skip('EXISTS')
}

function passWaiting(reader: StatementReader): void {
  if (reader.skip('WAIT')) reader.word()
  reader.skip('NOWAIT')
}
