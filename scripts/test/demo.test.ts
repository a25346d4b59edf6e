import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { root } from '../workspace.ts'

/** Runs the demo and returns its exit code and output. */
async function runDemo(args: string[] = [], env: Record<string, string> = {}) {
  const { exitCode, all } = await execa(process.execPath, [join(root, 'scripts/demo.ts'), ...args], {
    all: true,
    reject: false,
    env,
  })
  return { exitCode, all, last: all.trimEnd().split('\n').at(-1) ?? '' }
}

const numbersOf = (line: string) =>
  /^demo: tracked (\d+), removed (\d+), kept (\d+), left (\d+)$/.exec(line)?.slice(1).map(Number) ?? []

test('the demo removes or keeps everything that it tracks, and leaves nothing', async () => {
  const { exitCode, all, last } = await runDemo()
  const [tracked = 0, removed = 0, kept = 0, left] = numbersOf(last)
  expect(exitCode, all).toBe(0)
  expect(Math.min(tracked, removed, kept)).toBeGreaterThan(0)
  expect(removed + kept).toBe(tracked)
  expect(left).toBe(0)
}, 180_000)

test('the demo exits with 1 when the shop does not remove a resource', async () => {
  const { exitCode, all, last } = await runDemo(['vitest'], { DUSTPAN_DEMO_BREAK: '1' })
  expect(exitCode, all).toBe(1)
  expect(all).toContain('left: carts')
  expect(numbersOf(last)[3]).toBe(1)
})

test('the demo reports a suite that tracks nothing, and continues to its last line', async () => {
  const { exitCode, all, last } = await runDemo(['vitest'], { DUSTPAN_DISABLED: '1' })
  expect(exitCode, all).toBe(1)
  expect(all).toContain('Vitest: it tracked nothing, its output says why')
  expect(numbersOf(last).slice(0, 3)).toEqual([0, 0, 0])
})
