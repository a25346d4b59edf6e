/** Removes possible secrets from text before it is written to the ledger, a report, an attachment or a log. */

const word =
  'token|secret|passw(?:or)?d|pwd|api[-_]?key|access[-_]?key|auth(?!or(?!i[sz]))|signature|sig|session|credential|cookie'
/** Pattern for the name of a value that may be a secret. */
export const secretName = String.raw`(?:[\w-]*(?:${word})[\w-]*)`

const isSecretName = new RegExp(`^${secretName}$`, 'i')

/** For keys such as `session:…`. Narrower than `word`: here `auth` would also match an author. */
const keyWord = 'token|secret|passw(?:or)?d|api[-_]?key|access[-_]?key|session|credential|cookie|csrf'

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
  // JSON Web Tokens, and keys with well-known prefixes
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, '***'],
  [/\b(?:sk|pk|rk)_(?:live|test)_\w{8,}|\bgh[pousr]_\w{16,}|\bAKIA[0-9A-Z]{16}\b|\bxox[abprs]-[\w-]{10,}/g, '***'],
  // Redis keys such as sess:… and password-reset:…; numbers, UUIDs and words stay
  [
    new RegExp(
      String.raw`((?<![a-z])(?:[\w-]{0,40}(?:${keyWord})[\w-]{0,40}|sess):)(?=[\w-]*\d)(?=[\w-]*[^\W_]{14})(?!\d+(?![\w-]))([\w-]{4})[\w-]{12,}`,
      'gi',
    ),
    '$1$2***',
  ],
  // long random values under any name
  [/(?<=[\w-]:)(?<!\bsha\d+:)([\da-f]{4})[\da-f]{36,}(?![\w-])/gi, '$1***'],
  [/(?<=[\w-]:)(?=[\w-]{32})(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=(?:[\w-]*?\d[A-Za-z_]){3})([\w-]{4})[\w-]+/g, '$1***'],
]

/** Every rule needs one of these; most texts contain none, so one test skips all rules. */
const suspicious = new RegExp(`@|${word}|bearer|basic|eyJ|[spr]k_|gh[pousr]_|AKIA|xox|:[\\w-]{16}`, 'i')

/** Redacts any value: each string by itself, and everything under a name that suggests a secret. */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redact(value)
  if (Array.isArray(value)) return value.map(redactValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, isSecretName.test(name) ? '***' : redactValue(inner)]),
  )
}

export function redact(text: string): string {
  if (!suspicious.test(text)) return text
  return rules.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text)
}
