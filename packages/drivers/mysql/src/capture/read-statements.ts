import { readUpdate } from './read-change.ts'
import { once, readStatement } from './read-statement.ts'
import { type Insert, mayCommit, type Statement } from './statement.ts'
import { type Token, tokensOf } from './tokens.ts'

const mayMatter =
  /\b(?:insert|replace|delete|update|truncate|load|call|begin|start|commit|rollback|savepoint|release|set|use|create|alter|drop|rename|grant|revoke|lock|unlock|xa|prepare|execute|analyze|optimize|repair|import|flush|reset)\b/i
const onlyReads = /^\s*(?:select|show)\b/i
const onlyUpdates = /^\s*update\b[^;]*$/i
const mayCreateOrTake = /\b(?:insert|replace|load|call|delete|truncate)\b/i

export interface Reading {
  readonly statements: readonly Statement[]
  /** It may commit the open transaction. */
  readonly commits: boolean
  /** Some of it does something else that matters. */
  readonly matters: boolean
  readonly unreadable?: string
}

export const nothing: Reading = { statements: [], commits: false, matters: false }

const limit = 1_000
const longest = 10_000
const known = new Map<string, Reading>()

/** What a text does; undefined: nothing that matters. `escapes`: a backslash escapes. */
export function readStatements(text: string, escapes: boolean): Reading | undefined {
  if (isOneThatReads(text) || !mayMatter.test(text)) return undefined
  const reading = readingOf(text, escapes)
  return reading.matters ? reading : undefined
}

/** Whether a text of which nothing else matters may commit the open transaction. */
export function mayCommitUnread(text: string, escapes: boolean): boolean {
  return !isOneThatReads(text) && readingOf(text, escapes).commits
}

const isOneThatReads = (text: string): boolean => onlyReads.test(text) && !text.includes(';')

/** Kept by text, the newest thousand. */
function readingOf(text: string, escapes: boolean): Reading {
  const key = escapes ? text : `\\${text}`
  const before = known.get(key)
  if (before) return before
  const reading = read(text, escapes)
  if (text.length > longest) return reading
  if (known.size >= limit) known.delete(known.keys().next().value as string)
  known.set(key, reading)
  return reading
}

function read(text: string, escapes: boolean): Reading {
  try {
    if (onlyUpdates.test(text)) return summary([updateIn(text, escapes)])
    const headed = readByHead(text, escapes)
    return summary(headed ? [headed] : statementsIn(tokensOf(text, escapes)))
  } catch (error) {
    const matters = mayCreateOrTake.test(text)
    return { statements: [], commits: true, matters, ...(matters ? { unreadable: (error as Error).message } : {}) }
  }
}

function summary(statements: readonly Statement[]): Reading {
  return { statements, commits: statements.some(mayCommit), matters: statements.some(({ kind }) => kind !== 'other') }
}

/** What it changes matters only where something of its table is on record. */
function updateIn(text: string, escapes: boolean): Statement {
  return { kind: 'update', change: once(() => readUpdate(tokensOf(text, escapes))), end: text.length }
}

const head = /^\s*insert\s+into\s+(?:`(?:[^`]|``)+`|[\w$.]+)+\s*\([\w$`,\s]+\)\s*values\s*\(/i
const mayBeMore = /\breturning\b|\bon\s+duplicate\b/i
/** Values alone: no other statement, no comment, no quote that is not closed. */
const values = {
  escaping: /^(?:[^'"`;#/-]|-(?!-)|\/(?!\*)|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`)*$/,
  plain: /^(?:[^'"`;#/-]|-(?!-)|\/(?!\*)|'[^']*'|"[^"]*"|`[^`]*`)*$/,
}

/** What comes before the values is often the same, and they are new each time: they are read only when somebody asks what they are. */
function readByHead(text: string, escapes: boolean): Statement | undefined {
  const found = head.exec(text)?.[0]
  if (found === undefined || !isValues(text.slice(found.length).replace(/;\s*$/, ''), escapes)) return undefined
  const first = headOf(found, escapes)
  if (first?.kind !== 'insert') return undefined
  let all: readonly Statement[] | undefined
  const rows = () => {
    all ??= statementsIn(tokensOf(text, escapes))
    return (all[0] as Insert).rows
  }
  const statement = { ...first, end: text.replace(/;?\s*$/, '').length }
  return Object.defineProperty(statement, 'rows', { get: rows, enumerable: true })
}

/** Of many rows not every letter is looked at. */
function isValues(rest: string, escapes: boolean): boolean {
  if (mayBeMore.test(rest)) return false
  if (rest.length > longest / 10) return !rest.includes(';')
  return (escapes ? values.escaping : values.plain).test(rest)
}

const heads = new Map<string, Statement | undefined>()

function headOf(head: string, escapes: boolean): Statement | undefined {
  if (heads.has(head)) return heads.get(head)
  const [first] = statementsIn(tokensOf(`${head})`, escapes))
  if (heads.size >= limit) heads.delete(heads.keys().next().value as string)
  heads.set(head, first)
  return first
}

const program = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'PACKAGE'])
const blocks = new Set(['IF', 'CASE', 'WHILE', 'LOOP', 'REPEAT', 'FOR'])

/** Whether its own semicolons end no statement of the text. */
function isCompound(tokens: readonly Token[]): boolean {
  const words = tokens.map(({ kind, value }) => (kind === 'word' ? value.toUpperCase() : ''))
  const [first = '', second = ''] = words
  if (first === 'CREATE') return words.some((word) => program.has(word)) && words.includes('BEGIN')
  return blocks.has(first) || (first === 'BEGIN' && second === 'NOT')
}

function statementsIn(tokens: readonly Token[]): readonly Statement[] {
  const statements: Statement[] = []
  let start = 0
  for (let at = 0; at <= tokens.length; at++) {
    const token = tokens[at]
    if (token && !(token.kind === 'sign' && token.value === ';')) continue
    if (at === start) {
      start = at + 1
      continue
    }
    const part = tokens.slice(start, at)
    // What follows are statements of its body: they are not done one by one.
    const isBlock = isCompound(part)
    statements.push(readStatement(isBlock ? tokens.slice(start) : part))
    if (isBlock) break
    start = at + 1
  }
  return statements
}
