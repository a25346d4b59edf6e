/** Builds one statement: its random choices, its parameters, and the rows that may stay untracked. */
import type { Random } from '@dustpan/conformance/sql-fuzz'
import type { MakeValue, Table } from './tables.ts'

/** Rows that need not be tracked according to the docs: their table, and the code of the warning, or null if there is none. */
export interface Untracked {
  readonly type: string
  readonly code: string | null
}

export interface Statement {
  readonly text: string
  readonly values?: readonly unknown[]
  readonly untracked: readonly Untracked[]
}

export class Writer {
  readonly random: Random
  readonly #parameters: boolean
  readonly #makers: MakeValue[] = []
  readonly values: unknown[] = []
  readonly untracked: Untracked[] = []

  constructor(random: Random, parameters = false) {
    this.random = random
    this.#parameters = parameters
  }

  /** Writes a value into the text or as a parameter. */
  value(make: MakeValue): string {
    const { sql, param } = make(this.random)
    if (!this.#parameters || this.random.chance(15)) return sql
    this.#makers.push(make)
    return `$${this.values.push(param)}`
  }

  mayMiss({ type, warns }: Pick<Table, 'type' | 'warns'>, code: string | null = warns ?? null): void {
    this.untracked.push({ type, code })
  }

  maybe(percent: number, text: () => string): string {
    return this.random.chance(percent) ? text() : ''
  }

  done(text: string): Statement {
    const values = this.#parameters ? { values: this.values } : {}
    return { text: laidOut(this.random, text), untracked: this.untracked, ...values }
  }

  /** Other values for the same text. */
  again(): readonly unknown[] {
    return this.#makers.map((make) => make(this.random).param)
  }
}

const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$\$[\s\S]*?\$\$|\s+|[A-Z]+|[\s\S]/g
const blanks = [' ', ' ', ' ', ' ', '\n', '\t', '  ', ' /* ; ä */ ', ' -- RETURNING;\n', '\r\n', ' /* a /* b */ ; */ ']
const ends = ['', '', '', ';', ' ;', '\n', ' -- end', ';;', '; -- end\n', ' /* end ; */', ';  ']
const starts = ['', '', '', '', ' ', '\n', '-- start; x\n', '/* 😀 */ ', ';', '\t']

/** The same statement with other blanks, comments and letter case. */
function laidOut(random: Random, text: string): string {
  if (random.chance(30)) return text
  const lower = random.chance(40)
  const airy = random.chance(50)
  const parts = (text.match(token) ?? []).map((part) => {
    if (part === ' ' && airy) return random.pick(blanks)
    return lower && /^[A-Z]+$/.test(part) ? part.toLowerCase() : part
  })
  return random.pick(starts) + parts.join('') + random.pick(ends)
}
