/** Which texts a charset has all letters of; others become question marks, or are read as other letters. */

const plane = /^[^\u{10000}-\u{10ffff}]*$/u

const letters: { readonly [charset: string]: RegExp | undefined } = {
  ...{ utf8mb4: /^/, utf16: /^/, utf16le: /^/, utf32: /^/ },
  ...{ utf8mb3: plane, utf8: plane, ucs2: plane },
  latin1: /^[\0-\x7f\xa0-\xff]*$/,
}

const ascii = /^[\0-\x7f]*$/

export function hasLetters(charset: string, text: string): boolean {
  return (letters[charset] ?? ascii).test(text)
}

/** What passes through several unchanged, one after the other. That of one language is trusted with what all have alone. */
export type Passage = 'utf8mb4' | 'utf8mb3' | 'ascii'

export function passage(...charsets: readonly (string | null | undefined)[]): Passage {
  if (charsets.every((charset) => charset === 'utf8mb4')) return 'utf8mb4'
  return charsets.every((charset) => /^utf8(?:mb[34])?$/.test(charset ?? '')) ? 'utf8mb3' : 'ascii'
}

/** By the number of what a client encodes its texts in; those of utf8mb4 are in three ranges. */
export function passageOf(charsetNumber: number | undefined): Passage {
  const number = charsetNumber ?? 45
  const isIn = (from: number, to: number) => number >= from && number <= to
  if (isIn(45, 46) || isIn(224, 247) || isIn(255, 323)) return 'utf8mb4'
  return number === 33 || number === 83 || isIn(192, 215) || number === 223 ? 'utf8mb3' : 'ascii'
}
