/** Quotes text and names in statements. A server of 2018 has no query parameters, so all values are written out, and only here. */

/**
 * A string literal. Only the quote and the backslash are special; NUL is escaped because it would end the text for some
 * log readers.
 */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`
}

/** Quotes the name of a table or column. */
export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&').replaceAll('\0', '\\0')}\``
}

/** The parts of `shop.orders`, with or without back-ticks or double quotes. Undefined: not a name. */
export function nameParts(written: string): readonly string[] | undefined {
  const text = written.trim()
  const part = /(?:`((?:[^`\\]|\\.|``)*)`|"((?:[^"\\]|\\.|"")*)"|([A-Za-z_][\w$]*))(?:\s*\.\s*|$)/gsuy
  const parts: string[] = []
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (!found) return undefined
    const quoted = found[1] === undefined ? unescaped(found[2] ?? '', '"') : unescaped(found[1], '`')
    parts.push(found[3] ?? quoted)
  }
  return parts.length > 0 && parts.length <= 2 && !/\.\s*$/.test(text) ? parts : undefined
}

const escapes: { readonly [letter: string]: string } = {
  ...{ b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', 0: '\0', a: '\x07', v: '\v', e: '\x1b' },
}

/** The name, quoted only if necessary. */
export function writtenName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoteName(name)
}

/** Unescapes the inside of quotes. */
export function unescaped(inside: string, quote = "'"): string {
  return inside.replace(/\\(?:x([\da-fA-F]{2})|(.))|(['`"])\3/gsu, (all, hex?: string, letter?: string) => {
    if (all.startsWith("'") || all.startsWith('`') || all.startsWith('"')) return all === quote + quote ? quote : all
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (letter === undefined) return all.charAt(0)
    return escapes[letter] ?? (letter === 'N' ? '' : /[\\'"`/=]/.test(letter) ? letter : `\\${letter}`)
  })
}
