/** Determines which texts a charset can represent; other characters become question marks or are misread. */

const plane = /^[^\u{10000}-\u{10ffff}]*$/u

const repertoires: { readonly [charset: string]: RegExp | undefined } = {
  ...{ utf8mb4: /^/, utf16: /^/, utf16le: /^/, utf32: /^/ },
  ...{ utf8mb3: plane, utf8: plane, ucs2: plane },
  latin1: /^[\0-\x7f\xa0-\xff]*$/,
}

const ascii = /^[\0-\x7f]*$/

export function canEncode(charset: string, text: string): boolean {
  return (repertoires[charset] ?? ascii).test(text)
}

/**
 * The characters that pass through several charsets unchanged, in sequence. A single-language charset is trusted with ASCII only.
 */
export type Repertoire = 'utf8mb4' | 'utf8mb3' | 'ascii'

export function commonRepertoire(...charsets: readonly (string | null | undefined)[]): Repertoire {
  if (charsets.every((charset) => charset === 'utf8mb4')) return 'utf8mb4'
  return charsets.every((charset) => /^utf8(?:mb[34])?$/.test(charset ?? '')) ? 'utf8mb3' : 'ascii'
}

/** The repertoire of a client's charset number; utf8mb4 has three ranges. */
export function repertoireOf(charsetNumber: number | undefined): Repertoire {
  const number = charsetNumber ?? 45
  const isIn = (from: number, to: number) => number >= from && number <= to
  if (isIn(45, 46) || isIn(224, 247) || isIn(255, 323)) return 'utf8mb4'
  return number === 33 || number === 83 || isIn(192, 215) || number === 223 ? 'utf8mb3' : 'ascii'
}
