import type { ScanToken } from 'libpg-query'
import { parser } from './parser.ts'

export interface Span {
  readonly start: number
  readonly end: number
}

/** The text of a statement, with the parser's byte offsets converted to string positions, and its tokens without comments. */
export class SqlText {
  readonly text: string
  #bytes: Buffer | undefined
  #tokens: readonly (Span & { readonly text: string })[] | undefined

  constructor(text: string) {
    this.text = text
  }

  /** The string position of a byte offset. */
  at(byte: number): number {
    this.#bytes ??= Buffer.from(this.text)
    return this.#bytes.length === this.text.length ? byte : this.#bytes.toString('utf8', 0, byte).length
  }

  /** All tokens except comments. */
  get tokens(): readonly (Span & { readonly text: string })[] {
    this.#tokens ??= parser
      .scan(this.text)
      .tokens.filter(isCode)
      .map((token) => ({
        start: this.at(token.start),
        end: this.at(token.end),
        text: token.text,
      }))
    return this.#tokens
  }

  /** The end of the last token of a span, before trailing blanks and comments. */
  lastTokenEnd({ start, end }: Span): number {
    const text = this.text.slice(start, end)
    if (!text.includes('--') && !text.includes('/*')) return start + text.replace(/[\s;]+$/, '').length
    return this.tokens.findLast((token) => token.start >= start && token.end <= end && token.text !== ';')?.end ?? end
  }

  /** The span inside the first parentheses at or after a position. */
  parentheses(from: number): Span {
    const tokens = this.tokens
    let index = tokens.findIndex((token) => token.start >= from && token.text === '(')
    const start = tokens[index]?.end ?? this.text.length
    for (let depth = 0; index >= 0 && index < tokens.length; index++) {
      const token = tokens[index]
      if (token?.text === '(') depth++
      if (token?.text === ')' && --depth === 0) return { start, end: token.start }
    }
    return { start, end: this.text.length }
  }
}

function isCode(token: ScanToken): boolean {
  return token.tokenName !== 'SQL_COMMENT' && token.tokenName !== 'C_COMMENT'
}
