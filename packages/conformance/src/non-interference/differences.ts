import type { Evidence } from './evidence.ts'
import type { RunnerUnderTest } from './runner.ts'

/** The evidence that differs, each with its first lines; lines that the adapter may add are removed first. */
export function differences(
  bare: Evidence,
  adapted: Evidence,
  { bare: lines, visible }: Pick<RunnerUnderTest, 'bare' | 'visible'>,
): string[] {
  const names = new Set([...Object.keys(bare), ...Object.keys(adapted)].filter((name) => !isConfig(name, lines)))
  return [...names].sort().flatMap((name) => {
    const [one, other] = [bare[name], adapted[name]].map((text) => allowed(text, Object.values(visible)))
    return one === other ? [] : [`${name}\n${firstLines(one, other)}`]
  })
}

const isConfig = (name: string, config: Readonly<Record<string, string>>): boolean =>
  Object.keys(config).some((file) => name.endsWith(`: ${file}`))

const allowed = (text: string | undefined, patterns: readonly RegExp[]): string | undefined =>
  text
    ?.split('\n')
    .filter((line) => !patterns.some((pattern) => pattern.test(line)))
    .join('\n')

function firstLines(one: string | undefined, other: string | undefined): string {
  if (one === undefined || other === undefined) return `  only ${one === undefined ? 'with Dustpan' : 'bare'}`
  const [less, more] = [surplus(one, other), surplus(other, one)]
  const lines = [...less.map((line) => `  - ${line}`), ...more.map((line) => `  + ${line}`)]
  return lines.length === 0 ? `  the same lines in another order: ${firstMoved(one, other)}` : lines.join('\n')
}

/** Lines that occur less often in the second text, with line numbers. */
function surplus(one: string, other: string): string[] {
  const counts = new Map<string, number>()
  for (const line of other.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1)
  const left = one.split('\n').flatMap((line, index) => {
    const count = counts.get(line) ?? 0
    counts.set(line, count - 1)
    return count > 0 ? [] : [`${index + 1}: ${line.slice(0, 2000)}`]
  })
  return left.slice(0, 8)
}

function firstMoved(one: string, other: string): string {
  const others = other.split('\n')
  return one.split('\n').find((line, index) => line !== others[index]) ?? ''
}
