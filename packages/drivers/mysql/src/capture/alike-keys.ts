/** Keys that a collation may know as one: `a` and `A`, `straße` and `strasse`, one sign and another that has no weight. */
import type { Json } from '@dustpan/core/driver'
import type { Column, Table } from '../tables.ts'

/** What they may be seen as; in place of letters that only the server can compare there may be any. */
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

/** How texts with other letters compare, with what stands beside them, each collation says for itself. */
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

/** Of languages in which letters of the alphabet are one. */
const merging = /_(?:roman|la|lithuanian|lt|latvian|lv|estonian|et|swedish|sv|finnish|fi|danish|da|trad\w*)(?:_|$)/
