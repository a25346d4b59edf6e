/** What may go, or be written over, by statements that stand inside of others, or are made of a text. */
import type { Statement, TableReference, Unseen } from './statement.ts'
import { type Token, tokensOf } from './tokens.ts'

type Read = (tokens: readonly Token[]) => Statement

const anything: Unseen = { takes: 'any', writes: 'any' }

/** The statement that begins with one of these words, behind those of another. */
export function unseenFrom(tokens: readonly Token[], verbs: readonly string[], read: Read): Unseen | undefined {
  const start = tokens.findIndex((token, index) => index > 0 && isWord(token, verbs))
  return start < 0 ? undefined : unseenBy(tokens.slice(start), read)
}

/** The text behind FROM or IMMEDIATE. What makes it, or holds it, only the server knows. */
export function unseenInText(tokens: readonly Token[], read: Read): Unseen | undefined {
  const [text, more] = tokens
  if ((text?.kind !== 'text' && text?.kind !== 'quoted') || isJoined(more)) return anything
  try {
    return unseenBy(tokensOf(text.value, true), read)
  } catch {
    return anything
  }
}

/** A block may do all that its words say, in any order. */
export function unseenInBlock(tokens: readonly Token[]): Unseen | undefined {
  const takes = tokens.some((token, index) => isWord(token, taking) && !isCall(tokens[index + 1]))
  const writes = takes || tokens.some((token) => isWord(token, ['UPDATE']))
  return takes || writes ? { takes: takes ? 'any' : [], writes: 'any' } : undefined
}

function unseenBy(tokens: readonly Token[], read: Read): Unseen | undefined {
  const statement = read(tokens)
  const { unseen } = statement
  switch (statement.kind) {
    case 'delete':
      return of(statement.change.tables.length > 0 ? statement.change.tables : 'any', [])
    case 'emptied':
      return statement.dropped ? undefined : of(statement.tables, [])
    case 'update':
      return of([], statement.change().tables)
    case 'insert':
      return statement.verb === 'REPLACE' || statement.updates
        ? of(statement.verb === 'REPLACE' ? [statement.table] : [], [statement.table])
        : undefined
    case 'schema':
      return statement.renames || statement.exchanges ? anything : unseen
    default:
      return unseen
  }
}

const of = (takes: Unseen['takes'], writes: readonly TableReference[]): Unseen => ({ takes, writes })

const taking = ['DELETE', 'TRUNCATE', 'REPLACE', 'EXECUTE', 'ALTER', 'RENAME']

const isCall = (next: Token | undefined): boolean => next?.kind === 'sign' && next.value === '('

/** `'a' 'b'`, `'a' || 'b'`; behind USING there are values. */
const isJoined = (next: Token | undefined): boolean => next !== undefined && !isWord(next, ['USING'])

function isWord({ kind, value }: Token, words: readonly string[]): boolean {
  return kind === 'word' && words.includes(value.toUpperCase())
}
