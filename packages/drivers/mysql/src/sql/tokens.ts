/** Tokenises SQL as MySQL and MariaDB read it. */

export interface Token {
  readonly kind: (typeof kinds)[number]
  /** Names and texts without their quotes, bytes in hex. */
  readonly value: string
  readonly start: number
  readonly end: number
}

/** In the order of the groups of {@link pattern}. Double quotes contain a text, or a name, depending on sql_mode. */
const kinds = ['text', 'quoted', 'name', 'placeholder', 'hex', 'bits', 'number', 'word', 'variable', 'sign'] as const

/** The server runs the content of a version comment, unless no server is that new: only the comment marks are skipped. */
const gap = String.raw`(?:\s+|--(?:[^\S\n][^\n]*)?(?=\n|$)|#[^\n]*|\/\*(?!M?!(?!9999))[\s\S]*?\*\/|\/\*M?!\d*|\*\/)+`
const texts = {
  escaping: String.raw`('(?:[^'\\]|\\[\s\S]|'')*')|("(?:[^"\\]|\\[\s\S]|"")*")`,
  plain: `('(?:[^']|'')*')|("(?:[^"]|"")*")`,
}
const values = String.raw`(0x[\da-f]+\b|x'[\da-f]*')|(0b[01]+\b|b'[01]*')|((?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?![\w$\u0080-\uffff]))`
const others = String.raw`([\w$\u0080-\uffff]+)|(@@?(?:[\w$.]+|\`[^\`]*\`|'[^']*'|"[^"]*")?)|([^'"\`])`

const pattern = (text: string) => new RegExp(`${gap}|${text}|(\`(?:[^\`]|\`\`)*\`)|(\\?)|${values}|${others}`, 'iy')
const patterns = { escaping: pattern(texts.escaping), plain: pattern(texts.plain) }

/** @throws SyntaxError where a quote is not closed */
export function tokensOf(text: string, escapes: boolean): readonly Token[] {
  const tokens: Token[] = []
  const pattern = escapes ? patterns.escaping : patterns.plain
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (!found) throw new SyntaxError(`a quote is not closed: ${text.slice(at, at + 20)}`)
    const group = found.findIndex((part, index) => index > 0 && part !== undefined)
    const kind = kinds[group - 1]
    if (kind) tokens.push({ kind, value: tokenValue(kind, found[0], escapes), start: at, end: pattern.lastIndex })
  }
  return tokens
}

function tokenValue(kind: Token['kind'], raw: string, escapes: boolean): string {
  if (kind === 'text' || kind === 'quoted') return unquoted(raw, escapes)
  if (kind === 'name') return raw.slice(1, -1).replaceAll('``', '`')
  return kind === 'hex' ? raw.replace(/^(?:0x|x')|'$/gi, '').toLowerCase() : raw
}

const escaped: { readonly [letter: string]: string } = { '0': '\0', b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' }

/** The backslash is kept for LIKE patterns, in all contexts. */
const keepsBackslash = /[%_]/

function unquoted(raw: string, escapes: boolean): string {
  const quote = raw[0] as string
  const inner = raw.slice(1, -1)
  if (!inner.includes(quote) && !(escapes && inner.includes('\\'))) return inner
  if (!escapes) return inner.replaceAll(quote + quote, quote)
  return inner.replace(/\\([\s\S])|''|""/g, (found, letter: string | undefined) => {
    if (letter === undefined) return found[0] === quote ? quote : found
    return escaped[letter] ?? (keepsBackslash.test(letter) ? found : letter)
  })
}
