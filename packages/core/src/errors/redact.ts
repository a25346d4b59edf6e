/** Takes out of a text what may be a secret: before it is written to the ledger, a report, an attachment or a log. */

const word = 'token|secret|passw(?:or)?d|pwd|api[-_]?key|access[-_]?key|auth|signature|sig|session|credential|cookie'
/** A name under which a secret stands. */
export const secretName = String.raw`(?:[\w-]*(?:${word})[\w-]*)`

const rules: readonly (readonly [RegExp, string])[] = [
  // user:password@ in a URL; a password may hold an @
  [/([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi, '$1***@'],
  // ?token=…, &api_key=…
  [new RegExp(`([?&;]${secretName}=)[^&#\\s"']+`, 'gi'), '$1***'],
  // "password": "…"
  [new RegExp(`(["']${secretName}["']\\s*:\\s*)("(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s,}]+)`, 'gi'), '$1"***"'],
  // password=… in a connection string
  [new RegExp(`\\b(${secretName}\\s*=\\s*)('[^']*'|[^\\s;,&]+)`, 'gi'), '$1***'],
  // Authorization: Bearer …
  [/\b((?:proxy-)?authorization["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|(?:(?:bearer|basic|digest)\s+)?\S+)/gi, '$1***'],
  [/\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi, '$1 ***'],
  // JSON Web Tokens, and keys with a well-known beginning
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '***'],
  [/\b(?:sk|pk|rk)_(?:live|test)_\w{8,}|\bgh[pousr]_\w{16,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{10,}/g, '***'],
]

/** What every rule needs: most texts have none of it, and are told so by one look. */
const suspicious = new RegExp(`@|${word}|bearer|basic|eyJ|[spr]k_|gh[pousr]_|AKIA|xox`, 'i')

export function redact(text: string): string {
  if (!suspicious.test(text)) return text
  return rules.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text)
}
