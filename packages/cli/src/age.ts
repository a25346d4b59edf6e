const units: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
]

/** `3 h ago`. */
export function age(at: string | number, now = Date.now()): string {
  const ms = now - new Date(at).getTime()
  const [unit, size] = units.find(([, size]) => ms >= size) ?? []
  return unit === undefined || size === undefined ? 'now' : `${Math.floor(ms / size)} ${unit} ago`
}
