/**
 * Whether a version is within a range of `peerDependencies`: `^8.11.0 || ^9`, `>=1.0.0 <2`, `11`. A pre-release counts as its
 * release.
 */
export function isWithin(version: string, range: string): boolean {
  return range.split('||').some((all) =>
    all
      .trim()
      .split(/\s+/)
      .every((one) => satisfies(version, one)),
  )
}

function satisfies(version: string, comparator: string): boolean {
  const [, sign = '', least = ''] = /^(\^|>=|<)?([\d.]+)$/.exec(comparator) ?? []
  const order = compare(version, least)
  if (sign === '<') return order < 0
  if (sign === '>=') return order >= 0
  return order >= 0 && numbers(version)[0] === numbers(least)[0]
}

const numbers = (version: string): readonly number[] => version.split(/[.-]/, 3).map(Number)

function compare(one: string, other: string): number {
  const [a, b] = [numbers(one), numbers(other)]
  const at = [0, 1, 2].find((part) => (a[part] ?? 0) !== (b[part] ?? 0))
  return at === undefined ? 0 : (a[at] ?? 0) - (b[at] ?? 0)
}
