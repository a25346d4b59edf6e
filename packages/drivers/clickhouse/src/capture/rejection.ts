/** Errors after which nothing was written: the server did not understand, or did not let, the insert. */
const codes = new Set([
  ...[
    6, 7, 8, 10, 16, 20, 26, 27, 33, 36, 38, 41, 42, 43, 44, 46, 47, 48, 49, 50, 53, 57, 59, 60, 61, 62, 69, 70, 72, 73,
  ],
  ...[81, 85, 115, 117, 130, 131, 158, 164, 192, 193, 194, 195, 201, 202, 241, 252, 291, 321, 344, 349, 396, 467, 469],
  ...[492, 497, 516, 620, 636, 691],
])

/** The code that the server gave. */
export function serverCode(error: unknown): number | undefined {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (/^\d+$/.test(String(code))) return Number(code)
  const told = /\bCode: (\d+)/.exec(String(message))?.[1]
  return told === undefined ? undefined : Number(told)
}

/** So many rows are written as one block, or none is. */
const oneBlock = 65_000

export function wroteNothing(error: unknown, rows: number): boolean {
  const code = serverCode(error)
  return code !== undefined && codes.has(code) && rows <= oneBlock
}
