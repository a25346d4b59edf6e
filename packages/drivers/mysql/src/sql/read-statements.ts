import { readUpdate } from './read-change.ts'
import { once, readStatement } from './read-statement.ts'
import { type Insert, mayCommit, type Statement } from './statement.ts'
import { type Token, tokensOf } from './tokens.ts'

const mayMatter =
  /\b(?:insert|replace|delete|update|truncate|load|call|begin|start|commit|rollback|savepoint|release|set|use|create|alter|drop|rename|grant|revoke|lock|unlock|xa|prepare|execute|analyze|optimize|repair|import|flush|reset)\b/i
const onlyReads = /^\s*(?:select|show)\b/i
const onlyUpdates = /^\s*update\b[^;]*$/i
const mayCreateOrRemove = /\b(?:insert|replace|load|call|delete|truncate)\b/i

export interface Reading {
  readonly statements: readonly Statement[]
  /** It may commit the open transaction. */
  readonly commits: boolean
  /** At least one statement is relevant in another way. */
  readonly matters: boolean
  readonly unreadable?: string
}

export const nothing: Reading = { statements: [], commits: false, matters: false }

const maxEntries = 1_000
const maxLength = 10_000
const cache = new Map<string, Reading>()

/** Parses a text; undefined: nothing relevant. `escapes`: a backslash is an escape. */
export function readStatements(text: string, escapes: boolean): Reading | undefined {
  if (isPlainRead(text) || !mayMatter.test(text)) return undefined
  const reading = readingOf(text, escapes)
  return reading.matters ? reading : undefined
}

/** Whether an otherwise irrelevant text may commit the open transaction. */
export function mayCommitUnread(text: string, escapes: boolean): boolean {
  return !isPlainRead(text) && readingOf(text, escapes).commits
}

const isPlainRead = (text: string): boolean => onlyReads.test(text) && !text.includes(';')

/** Cached by text, the newest thousand. */
function readingOf(text: string, escapes: boolean): Reading {
  const key = escapes ? text : `\\${text}`
  const cached = cache.get(key)
  if (cached) return cached
  const reading = read(text, escapes)
  if (text.length > maxLength) return reading
  if (cache.size >= maxEntries) cache.delete(cache.keys().next().value as string)
  cache.set(key, reading)
  return reading
}

function read(text: string, escapes: boolean): Reading {
  try {
    if (onlyUpdates.test(text)) return summary([updateIn(text, escapes)])
    const headed = readByHead(text, escapes)
    return summary(headed ? [headed] : statementsIn(tokensOf(text, escapes)))
  } catch (error) {
    const matters = mayCreateOrRemove.test(text)
    return { statements: [], commits: true, matters, ...(matters ? { unreadable: (error as Error).message } : {}) }
  }
}

function summary(statements: readonly Statement[]): Reading {
  return { statements, commits: statements.some(mayCommit), matters: statements.some(({ kind }) => kind !== 'other') }
}

/** Parsed lazily: its changes matter only if rows of its table are on record. */
function updateIn(text: string, escapes: boolean): Statement {
  return { kind: 'update', change: once(() => readUpdate(tokensOf(text, escapes))), end: text.length }
}

const head = /^\s*insert\s+into\s+(?:`(?:[^`]|``)+`|[\w$.]+)+\s*\([\w$`,\s]+\)\s*values\s*\(/i
/** No word boundaries: `/*!50000on duplicate …` is no comment. */
const mayBeMore = /returning|duplicate/i
const mayBeComment = /;|\/\*|--|#/
/** Only values: no other statement, no comment, no unclosed quote. */
const values = {
  escaping: /^(?:[^'"`;#/-]|-(?!-)|\/(?!\*)|'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"|`[^`]*`)*$/,
  plain: /^(?:[^'"`;#/-]|-(?!-)|\/(?!\*)|'[^']*'|"[^"]*"|`[^`]*`)*$/,
}

/** Caches the part before the values, which is often the same; the values are new each time, and parsed only on demand. */
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

/** Long value lists are only checked superficially. */
function isValues(rest: string, escapes: boolean): boolean {
  if (mayBeMore.test(rest)) return false
  if (rest.length > maxLength / 10) return !mayBeComment.test(rest)
  return (escapes ? values.escaping : values.plain).test(rest)
}

const heads = new Map<string, Statement | undefined>()

function headOf(head: string, escapes: boolean): Statement | undefined {
  if (heads.has(head)) return heads.get(head)
  const [first] = statementsIn(tokensOf(`${head})`, escapes))
  if (heads.size >= maxEntries) heads.delete(heads.keys().next().value as string)
  heads.set(head, first)
  return first
}

const program = new Set(['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'PACKAGE'])
const blocks = new Set(['IF', 'CASE', 'WHILE', 'LOOP', 'REPEAT', 'FOR'])

/** Whether its semicolons are part of a body and do not end the statement. */
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
    // The rest are statements of its body, which are not run one by one.
    const isBlock = isCompound(part)
    statements.push(readStatement(isBlock ? tokens.slice(start) : part))
    if (isBlock) break
    start = at + 1
  }
  return statements
}
