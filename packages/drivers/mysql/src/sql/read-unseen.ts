/** Determines which rows may be removed or overwritten by embedded statements, or by statements built from a text. */
import type { Statement, TableReference, Unseen } from './statement.ts'
import { type Token, tokensOf } from './tokens.ts'

type Read = (tokens: readonly Token[]) => Statement

const anything: Unseen = { removes: 'any', writes: 'any' }

/** The effects of an embedded statement that begins with one of these words. */
export function unseenFrom(tokens: readonly Token[], verbs: readonly string[], read: Read): Unseen | undefined {
  const start = tokens.findIndex((token, index) => index > 0 && isWord(token, verbs))
  return start < 0 ? undefined : unseenBy(tokens.slice(start), read)
}

/** The effects of the UPDATE that follows a WITH. */
export function unseenAfterWith(tokens: readonly Token[], read: Read): Unseen {
  let depth = 0
  const start = tokens.findIndex((token, index) => {
    if (token.kind === 'sign') depth += token.value === '(' ? 1 : token.value === ')' ? -1 : 0
    return depth === 0 && isWord(token, ['UPDATE']) && !isWord(tokens[index - 1] ?? token, ['FOR'])
  })
  try {
    return (start < 0 ? undefined : unseenBy(tokens.slice(start), read)) ?? anything
  } catch {
    return anything
  }
}

/** The effects of the text after FROM or IMMEDIATE. Only the server knows the value of an expression or variable. */
export function unseenInText(tokens: readonly Token[], read: Read): Unseen | undefined {
  const [text, more] = tokens
  if ((text?.kind !== 'text' && text?.kind !== 'quoted') || isJoined(more)) return anything
  try {
    return unseenBy(tokensOf(text.value, true), read)
  } catch {
    return anything
  }
}

/** A block may do anything that its words say, in any order. */
export function unseenInBlock(tokens: readonly Token[]): Unseen | undefined {
  const removes = tokens.some((token, index) => isWord(token, removing) && !isCall(tokens[index + 1]))
  const writes = removes || tokens.some((token) => isWord(token, ['UPDATE']))
  return removes || writes ? { removes: removes ? 'any' : [], writes: 'any' } : undefined
}

function unseenBy(tokens: readonly Token[], read: Read): Unseen | undefined {
  const statement = read(tokens)
  const { unseen } = statement
  switch (statement.kind) {
    case 'delete':
      return of(statement.change.tables.length > 0 ? statement.change.tables : 'any', [])
    case 'emptied':
      return statement.dropped ? undefined : of(statement.tables, [])
    case 'update': {
      const { tables, columns } = statement.change()
      return of([], tables, columns)
    }
    case 'insert':
      return statement.verb === 'REPLACE' || statement.updates
        ? of(statement.verb === 'REPLACE' ? [statement.table] : [], [statement.table], statement.sets ?? [])
        : undefined
    case 'schema':
      return statement.renames || statement.exchanges ? anything : unseen
    default:
      return unseen
  }
}

function of(removes: Unseen['removes'], writes: readonly TableReference[], columns?: readonly string[]): Unseen {
  return { removes, writes, ...(columns ? { columns } : {}) }
}

const removing = ['DELETE', 'TRUNCATE', 'REPLACE', 'EXECUTE', 'ALTER', 'RENAME']

const isCall = (next: Token | undefined): boolean => next?.kind === 'sign' && next.value === '('

/** `'a' 'b'`, `'a' || 'b'`; USING is followed by values. */
const isJoined = (next: Token | undefined): boolean => next !== undefined && !isWord(next, ['USING'])

function isWord({ kind, value }: Token, words: readonly string[]): boolean {
  return kind === 'word' && words.includes(value.toUpperCase())
}
