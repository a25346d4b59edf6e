/** `'24h'`, `'30s'`, `'500ms'`, or milliseconds. */
export type Duration = string | number

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** The upper limit for the age of a test's resources. */
export const longestAgeMs = 86_400_000

/** The milliseconds of `'24h'`, `'1.5s'`, `'500ms'` or a number of milliseconds; undefined for anything else. */
export function milliseconds(duration: unknown): number | undefined {
  if (typeof duration === 'number') return Number.isFinite(duration) && duration >= 0 ? duration : undefined
  const found = typeof duration === 'string' ? /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(duration.trim()) : null
  return found ? Number(found[1]) * (units[found[2] as string] as number) : undefined
}
