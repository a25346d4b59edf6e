/** Text in statements. A server of 2018 takes no parameters, so everything is written out, and all of it here. */

/** A text as a literal. Inside quotes only the quote and the backslash mean anything; NUL would end the text for some readers of logs. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&').replaceAll('\0', '\\0')}'`
}

/** A name of a table or column. */
export function quoteName(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&').replaceAll('\0', '\\0')}\``
}

/** `shop.orders`, quotes in back-ticks or double quotes, as its parts. Undefined: not a name. */
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

/** As a name may be written: quoted where it must be. */
export function writtenName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : quoteName(name)
}

/** What the inside of quotes stands for. */
export function unescaped(inside: string, quote = "'"): string {
  return inside.replace(/\\(?:x([\da-fA-F]{2})|(.))|(['`"])\3/gsu, (all, hex?: string, letter?: string) => {
    if (all.startsWith("'") || all.startsWith('`') || all.startsWith('"')) return all === quote + quote ? quote : all
    if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16))
    if (letter === undefined) return all.charAt(0)
    return escapes[letter] ?? (letter === 'N' ? '' : /[\\'"`/=]/.test(letter) ? letter : `\\${letter}`)
  })
}
