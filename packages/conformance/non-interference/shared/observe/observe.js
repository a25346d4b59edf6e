/** Writes down what a test saw, for the comparison: a line each, sorted. */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = () => {
  const path = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')
  mkdirSync(path, { recursive: true })
  return path
}

export function observe(name, facts) {
  const lines = Object.entries(facts).map(
    ([what, value]) => `${what}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  writeFileSync(join(folder(), `${name}.txt`), `${lines.sort().join('\n')}\n`)
}

/** In the order in which it happens. */
export function note(name, line) {
  appendFileSync(join(folder(), `${name}.log`), `${line}\n`)
}
