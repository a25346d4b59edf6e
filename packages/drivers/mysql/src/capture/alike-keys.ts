/** Keys that a collation may treat as equal: `a` and `A`, `straße` and `strasse`, a character and another without weight. */
import type { Json } from '@dustpan/core/driver'
import type { Column, Table } from '../tables.ts'

/** A set of keys folded as a collation may see them; characters that only the server can compare match anything. */
export class AlikeKeys {
  readonly #plain = new Set<string>()
  readonly #patterns = new Map<string, RegExp>()

  add({ key }: Pick<Table, 'key'>, keys: readonly Json[]): void {
    if (key.every(({ charset }) => charset === null)) return
    for (const folded of keys.map((one) => foldedOf(key, one)))
      if (folded.includes(any)) this.#patterns.set(folded, patternOf(folded))
      else this.#plain.add(folded)
  }

  addAll(other: AlikeKeys): this {
    for (const folded of other.#plain) this.#plain.add(folded)
    for (const [folded, pattern] of other.#patterns) this.#patterns.set(folded, pattern)
    return this
  }

  has({ key }: Pick<Table, 'key'>, value: Json): boolean {
    if (this.#plain.size + this.#patterns.size === 0) return false
    const folded = foldedOf(key, value)
    if (!folded.includes(any))
      return this.#plain.has(folded) || [...this.#patterns.values()].some((one) => one.test(folded))
    const pattern = patternOf(folded)
    return this.#patterns.size > 0 || [...this.#plain].some((one) => pattern.test(one))
  }
}

const any = '\u{fffd}'

/** Only the collation knows how other characters compare in context, so they match any text. */
function patternOf(folded: string): RegExp {
  return new RegExp(
    `^${folded
      .split(any)
      .map(RegExp.escape ?? escaped)
      .join('[^]*')}$`,
  )
}

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

function foldedOf(key: readonly Column[], value: Json): string {
  const parts = [value].flat()
  return key.map((column, at) => foldedPart(column, String(parts[at]))).join('\n')
}

function foldedPart({ charset, collation }: Column, text: string): string {
  if (charset === null) return text
  const short = text.replace(/ +$/, '')
  if (/(?:_bin|^binary)$/.test(collation ?? '')) return short
  const folded = short.toLowerCase().replace(/[^ -~]+/g, any)
  return merging.test(collation ?? '') ? folded.replace(/[ijy]/g, 'i').replace(/[uvw]/g, 'u') : folded
}

/** Collations of languages in which different letters of the alphabet are equal. */
const merging = /_(?:roman|la|lithuanian|lt|latvian|lv|estonian|et|swedish|sv|finnish|fi|danish|da|trad\w*)(?:_|$)/
