/**
 * Splits SQL into statements by SQLite's own rule for a complete statement (`sqlite3_complete`): at a semicolon outside strings
 * and comments, and in a CREATE TRIGGER only at one that follows `; END`.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = []
  let start = 0
  let tokens: string[] = []
  for (const { 0: text, index } of sql.matchAll(token)) {
    if (blank.test(text)) continue
    tokens.push(text.toLowerCase())
    if (text !== ';' || isInsideTrigger(tokens)) continue
    statements.push(sql.slice(start, index + 1))
    start = index + 1
    tokens = []
  }
  if (tokens.length > 0) statements.push(sql.slice(start))
  return statements
}

const token =
  /'[^']*(?:''[^']*)*(?:'|$)|"[^"]*(?:""[^"]*)*(?:"|$)|`[^`]*(?:``[^`]*)*(?:`|$)|\[[^\]]*(?:\]|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\s+|[\p{L}\p{N}_$]+|[\s\S]/gu
const blank = /^(?:\s|--|\/\*)/

function isInsideTrigger(tokens: readonly string[]): boolean {
  const [first, second, third] = tokens
  if (first !== 'create') return false
  const kind = second === 'temp' || second === 'temporary' ? third : second
  return kind === 'trigger' && !(tokens.at(-2) === 'end' && tokens.at(-3) === ';')
}
