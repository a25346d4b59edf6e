import { readUpdate } from './read-change.ts'
import { readAlter, readRename } from './read-schema.ts'
import { readSet, setsUserVariablesOnly } from './read-set.ts'
import { unseenAfterWith, unseenFrom, unseenInBlock, unseenInText } from './read-unseen.ts'
import type { Statement } from './statement.ts'
import { StatementReader } from './statement-reader.ts'
import type { Token } from './tokens.ts'

/** Parses what one statement does, by its first word. @throws SyntaxError for unknown syntax */
export function readStatement(tokens: readonly Token[]): Statement {
  const reader = new StatementReader(tokens)
  const verb = reader.verb()
  const read = readers[verb]?.(reader, verb, tokens) ?? (reading.has(verb) ? { kind: 'other' } : unknown)
  return { ...read, end: reader.end, ...reader.temporary() }
}

type Read = Statement extends infer Kind ? (Kind extends Statement ? Omit<Kind, 'end' | 'temporary'> : never) : never

const schema = (): Read => ({ kind: 'schema' })
const altering: Read = { kind: 'session', alters: true }
const unknown: Read = { kind: 'other', mayCommit: true }

/** First words of statements that commit nothing. Empty: only a comment. */
const reading = new Set(['', 'SELECT', 'SHOW', 'VALUES', 'TABLE', 'DESC', 'DESCRIBE', 'EXPLAIN', 'DO'])

/** Parses lazily, as most statements need no parsing. */
export function once<T>(read: () => T): () => T {
  let found: { readonly value: T } | undefined
  return () => {
    found ??= { value: read() }
    return found.value
  }
}

/** Parsers by first word. Statements on schemas, privileges and the like commit the open transaction. */
const readers: {
  readonly [verb: string]: ((reader: StatementReader, verb: string, tokens: readonly Token[]) => Read) | undefined
} = {
  INSERT: (reader) => reader.insert('INSERT'),
  REPLACE: (reader) => reader.insert('REPLACE'),
  DELETE: (reader) => reader.delete(),
  UPDATE: (_reader, _verb, tokens) => ({ kind: 'update', change: once(() => readUpdate(tokens)) }),
  WITH(reader, _verb, tokens) {
    const words = reader.words()
    if (/\bDELETE\b/.test(words)) return reader.deleteWith()
    const updates = /(?<!FOR )\bUPDATE\b/.test(words)
    return updates ? { kind: 'unseen', unseen: unseenAfterWith(tokens, readStatement) } : { kind: 'other' }
  },
  TRUNCATE(reader) {
    reader.skip('TABLE')
    return { kind: 'emptied', tables: reader.tables(), dropped: false }
  },
  DROP(reader) {
    const isTemporary = reader.skip('TEMPORARY')
    if (!reader.skip('TABLE', 'TABLES')) return { kind: 'schema' }
    if (reader.skip('IF')) reader.word()
    return isTemporary ? altering : { kind: 'emptied', tables: reader.tables(), dropped: true }
  },
  CREATE: readCreate,
  ALTER: readAlter,
  RENAME: readRename,
  GRANT: schema,
  REVOKE: schema,
  ANALYZE(reader, _verb, tokens) {
    reader.skip('LOCAL', 'NO_WRITE_TO_BINLOG')
    return (reader.skip('TABLE') ? undefined : readWithin(reader.words(), 'ANALYZE', tokens)) ?? { kind: 'schema' }
  },
  OPTIMIZE: schema,
  REPAIR: schema,
  IMPORT: schema,
  FLUSH: schema,
  RESET: schema,
  LOCK: (reader) => (reader.skip('TABLE', 'TABLES') ? { kind: 'schema', ends: true } : { kind: 'schema' }),
  UNLOCK: schema,
  START: (reader) => (reader.skip('TRANSACTION') ? { kind: 'begin' } : unknown),
  BEGIN: (reader, _verb, tokens) =>
    reader.skip('NOT') ? compound(reader, 'BEGIN NOT ATOMIC', tokens) : { kind: 'begin' },
  COMMIT: () => ({ kind: 'commit' }),
  ROLLBACK(reader) {
    reader.skip('WORK')
    if (!reader.skip('TO')) return { kind: 'rollback' }
    reader.skip('SAVEPOINT')
    return { kind: 'rollback-to', savepoint: reader.word().toLowerCase() }
  },
  SAVEPOINT: (reader) => ({ kind: 'savepoint', savepoint: reader.word().toLowerCase() }),
  RELEASE(reader) {
    reader.skip('SAVEPOINT')
    return { kind: 'release', savepoint: reader.word().toLowerCase() }
  },
  SET: (reader, _verb, tokens) => readSettings(reader.words(), tokens),
  USE: (reader) => ({ kind: 'session', alters: true, database: reader.word() }),
  XA: (reader) => distributed[reader.word().toUpperCase()] ?? unknown,
  CALL: (reader) => ({ kind: 'opaque', form: `CALL ${reader.word()}` }),
  LOAD(reader) {
    const replaces = /\bREPLACE INTO\b/.test(reader.words())
    const table = reader.intoTable()
    if (!table) return { kind: 'opaque', form: 'LOAD DATA' }
    const unseen = { removes: [table], writes: [table] }
    return { kind: 'opaque', form: 'LOAD DATA', table, ...(replaces ? { unseen } : {}) }
  },
  PREPARE(reader, _verb, tokens) {
    const unseen = unseenInText(tokens.slice(3), readStatement)
    return { kind: 'opaque', form: 'PREPARE', prepares: reader.word(), ...(unseen ? { unseen } : {}) }
  },
  ...Object.fromEntries(['IF', 'CASE', 'WHILE', 'LOOP', 'REPEAT', 'FOR'].map((verb) => [verb, compound])),
  EXECUTE(reader, _verb, tokens) {
    if (!reader.skip('IMMEDIATE')) return { kind: 'session', alters: true, executes: reader.word() }
    const unseen = unseenInText(tokens.slice(2), readStatement)
    return { kind: 'opaque', form: 'EXECUTE IMMEDIATE', ...(unseen ? { unseen } : {}) }
  },
}

/** Whether a prepared XA transaction is committed is decided later, possibly by another session. */
const distributed: { readonly [verb: string]: Read | undefined } = {
  START: { kind: 'opaque', form: 'XA' },
  BEGIN: { kind: 'opaque', form: 'XA' },
  PREPARE: { kind: 'schema', ends: true },
  COMMIT: { kind: 'commit' },
  ROLLBACK: { kind: 'rollback' },
}

/** MariaDB runs compound statements outside procedures too. */
function compound(_: StatementReader, form: string, tokens: readonly Token[]): Read {
  const unseen = unseenInBlock(tokens)
  return { kind: 'opaque', form, ...(unseen ? { unseen } : {}) }
}

/** Parses a statement embedded in another. Undefined: there is none. */
function readWithin(words: string, form: string, tokens: readonly Token[]): Read | undefined {
  if (!within.test(words)) return undefined
  const unseen = unseenFrom(tokens, ['INSERT', 'REPLACE', 'DELETE', 'UPDATE'], readStatement)
  const kind = /\b(?:INSERT|REPLACE)\b/.test(words)
    ? ({ kind: 'opaque', form } as const)
    : ({ kind: 'unseen' } as const)
  return { ...kind, ...(unseen ? { unseen } : {}) }
}

const within = /\b(?:INSERT|REPLACE|DELETE|UPDATE)\b/

function readCreate(reader: StatementReader): Read {
  const words = reader.words()
  const isTable = /^(?:OR REPLACE )?(?:TEMPORARY )?TABLE\b/.test(words)
  if (!isTable || !/\bSELECT\b/.test(words)) return /\bTEMPORARY\b/.test(words) ? altering : { kind: 'schema' }
  return /\bTEMPORARY\b/.test(words) ? altering : { kind: 'opaque', form: 'CREATE TABLE … SELECT' }
}

function readSettings(words: string, tokens: readonly Token[]): Read {
  if (/^STATEMENT\b/.test(words)) return readWithin(words, 'SET STATEMENT', tokens) ?? unknown
  return readSet(tokens) ?? (setsUserVariablesOnly(tokens) ? { kind: 'other' } : unknown)
}
