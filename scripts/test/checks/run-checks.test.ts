import { expect, onTestFinished, test, vi } from 'vitest'
import { type Check, runChecks } from '../../checks/run-checks.ts'

async function outputOf(checks: Record<string, Check>): Promise<{ clean: boolean; lines: string[] }> {
  const lines: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => void lines.push(line.replace(/[\d.]+ s/, 'n s')))
  onTestFinished(() => log.mockRestore())
  return { clean: await runChecks(checks, { update: false }), lines }
}

test('every check runs, even when one has findings and another throws', async () => {
  const { clean, lines } = await outputOf({
    links: async () => ['first\nsecond'],
    types: async () => Promise.reject(new Error('no tsc')),
    fences: async () => [],
  })
  expect(lines).toEqual(['✗ links (n s)', '    first\n    second', '✗ types (n s)', '    no tsc', '✓ fences (n s)'])
  expect(clean).toBe(false)
})

test('the result is clean when no check has findings', async () => {
  expect(await outputOf({ links: async () => [] })).toEqual({ clean: true, lines: ['✓ links (n s)'] })
})
