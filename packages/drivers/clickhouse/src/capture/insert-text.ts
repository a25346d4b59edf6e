/** Parses statements as far as needed to find the rows that they insert: `INSERT INTO t (a, b) VALUES (1, 'x')`. */
import type { Settings } from '../library.ts'
import { unescaped } from '../sql/quote.ts'

export interface InsertText {
  /** As written: `shop.orders`. Undefined: a table function. */
  readonly table: string | undefined
  readonly columns: readonly string[] | undefined
  readonly settings: Settings
  /** The rest of the statement: `VALUES (…)`, `SELECT …`, `FORMAT …`. */
  readonly rest: string
}

const comment = String.raw`(?:\s|--[^\n]*(?:\n|$)|/\*[\s\S]*?\*/)*`
/** A table or column name, quoted or not. */
export const name = String.raw`(?:\x60(?:[^\x60\\]|\\.)*\x60|"(?:[^"\\]|\\.)*"|[A-Za-z_][\w$]*)`
const leading = new RegExp(`^${comment}`)
const start = new RegExp(`^${comment}([a-z]+)`, 'i')
const insert = new RegExp(
  `^${comment}INSERT\\s+INTO\\s+(?:TABLE\\s+)?(?:FUNCTION\\s+(\\w+)|(${name}(?:\\s*\\.\\s*${name})?))\\s*(?:\\(([^()]*)\\))?\\s*(?:SETTINGS\\s+([^()]*?)(?=\\b(?:VALUES|SELECT|WITH|FORMAT)\\b))?`,
  'i',
)

/** The statement's first word, in upper case. */
export function firstWord(sql: string): string | undefined {
  return start.exec(sql)?.[1]?.toUpperCase()
}

/** Undefined: an INSERT of another form. */
export function parseInsert(sql: string): InsertText | undefined {
  const found = insert.exec(sql)
  if (!found) return undefined
  const listed = found[3]?.split(',').map((column) => bareName(column.trim()))
  return {
    table: found[2],
    columns: listed?.every((column) => column !== undefined) ? (listed as string[]) : undefined,
    settings: Object.fromEntries(
      [...(found[4] ?? '').matchAll(/(\w+)\s*=\s*'?([^\s,']+)/g)].map(([, name, value]) => [name, value]),
    ),
    rest: sql.slice(found[0].length).trim(),
  }
}

/** `*` and expressions are not names. */
function bareName(written: string): string | undefined {
  const quoted = /^[`"](.*)[`"]$/s.exec(written)?.[1]
  if (quoted !== undefined) return unescaped(quoted, written.charAt(0))
  return /^[A-Za-z_][\w$.]*$/.test(written) ? written : undefined
}

const copies: readonly (readonly [RegExp, string])[] = [
  [/^WITH\b[\s\S]*\bINSERT\s+INTO\b/i, 'inserts what it selects'],
  [/^ALTER\b[\s\S]*\b(?:ATTACH|REPLACE)\s+PARTITION\b[\s\S]*\bFROM\b/i, 'copies a partition'],
  [/^ALTER\b[\s\S]*\bMOVE\s+PARTITION\b[\s\S]*\bTO\s+TABLE\b/i, 'moves a partition into another table'],
  [/^CREATE\b[\s\S]*\bCLONE\s+AS\b/i, 'makes a table with rows in it, which stays'],
  [
    /^CREATE\b(?!\s+(?:OR\s+REPLACE\s+)?(?:LIVE\s+|WINDOW\s+)?VIEW\b)(?!\s+(?:MATERIALIZED|TEMPORARY)\b)(?![\s\S]*\bEMPTY\s+AS\b)[\s\S]*\bAS\s*\(?\s*(?:SELECT|WITH)\b/i,
    'makes a table with rows in it, which stays',
  ],
  [/^CREATE\s+MATERIALIZED\b[\s\S]*\bPOPULATE\b/i, 'makes a table with rows in it, which stays'],
]

/** The statement without leading comments. */
export const bareStatement = (sql: string): string => sql.replace(leading, '')

/** How a statement other than INSERT creates rows, in words. Undefined: it creates none. */
export function copiesRows(sql: string): string | undefined {
  const text = bareStatement(sql)
  return copies.find(([form]) => form.test(text))?.[1]
}

export type QueryParams = { readonly [name: string]: unknown }

/** The rows of `(1, 'x'), (2, 'y')`, with undefined for anything but a plain value. Undefined: the text cannot be parsed. */
export function parseRows(text: string, params: QueryParams = {}): readonly (readonly unknown[])[] | undefined {
  const rows: unknown[][] = []
  const token = /\s*(?:'((?:[^'\\]|\\.|'')*)'|(--[^\n]*|\/\*[\s\S]*?\*\/)|([(),[\]{};])|([^\s'(),[\]{};]+))/guy
  let depth = 0
  let row: unknown[] = []
  let value: string[] = []
  const close = () => row.push(valueIn(value.join(' '), params))
  while (token.lastIndex < text.trimEnd().length) {
    const found = token.exec(text)
    if (!found) return undefined
    const [all, quoted, isComment, sign, word] = found
    if (isComment !== undefined) continue
    if (depth === 0) {
      if (sign === '(') [depth, row, value] = [1, [], []]
      else if (sign !== ',' && sign !== ';') return undefined
      continue
    }
    if (sign === ',' && depth === 1) {
      close()
      value = []
      continue
    }
    if (sign !== undefined && '([{'.includes(sign)) depth++
    if (sign !== undefined && ')]}'.includes(sign)) depth--
    if (depth === 0) {
      close()
      rows.push(row)
    } else value.push(quoted !== undefined ? all.trim() : (sign ?? word ?? ''))
  }
  return depth === 0 && rows.length > 0 ? rows : undefined
}

/** The value of a literal, a converted literal (`toDate('…')`), or a parameter; undefined for anything else. */
function valueIn(written: string, params: QueryParams): unknown {
  const placeholder = /^\{ (\w+)\s*:.* \}$/su.exec(written)?.[1] ?? /^\{ (\w+) :.*\}$/su.exec(written)?.[1]
  if (placeholder !== undefined) return params[placeholder]
  const converted = /^to(?:Date|DateTime|UUID|FixedString|U?Int\d+|String) \( ('(?:[^'\\]|\\.|'')*') \)$/su.exec(
    written,
  )?.[1]
  const text = /^'((?:[^'\\]|\\.|'')*)'$/su.exec(converted ?? written)?.[1]
  if (text !== undefined) return unescaped(text)
  if (/^-?\s?\d+$/.test(written)) return numberOf(written.replace(/\s/g, ''))
  if (/^-?\s?\d*\.?\d+(?:e[+-]?\d+)?$/i.test(written)) return Number(written.replace(/\s/g, ''))
  return /^(?:true|false)$/i.test(written) ? written.toLowerCase() === 'true' : undefined
}

function numberOf(digits: string): number | string {
  return Number.isSafeInteger(Number(digits)) ? Number(digits) : digits
}
