import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

export interface Totals {
  /** Every test file, longest first. */
  readonly files: readonly FileTotals[]
  /** Unhandled errors, each of which counts as a failure without a file. */
  readonly unhandled: number
}

export interface FileTotals {
  readonly name: string
  readonly seconds: number
  readonly passed: number
  /** Names of failed tests; a file that does not load and a suite whose hook fails count as one each. */
  readonly failed: readonly string[]
  readonly skipped: readonly { readonly name: string; readonly reason: string }[]
}

/** A reporter that writes the totals of a run to the file that DUSTPAN_TEST_TOTALS names. */
export default class TestTotals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env.DUSTPAN_TEST_TOTALS
    const files = modules.map(totalsOf).sort((a, b) => b.seconds - a.seconds)
    const totals: Totals = { files, unhandled: unhandledErrors.length }
    if (file !== undefined) writeFileSync(file, JSON.stringify(totals))
  }
}

function totalsOf(module: TestModule): FileTotals {
  const name = module.relativeModuleId
  const { duration, collectDuration } = module.diagnostic()
  const tests = [...module.children.allTests()]
  const inState = (...states: string[]) => tests.filter((test) => states.includes(test.result().state))
  const suites = [...module.children.allSuites()].filter(hasErrors)
  return {
    name,
    seconds: (duration + collectDuration) / 1000,
    passed: inState('passed').length,
    failed: [
      ...[...inState('failed'), ...suites].map(({ fullName }) => `${name} > ${fullName}`),
      ...(hasErrors(module) ? [name] : []),
    ],
    skipped: inState('skipped', 'pending').map((test) => ({
      name: `${name} > ${test.fullName}`,
      reason: reasonOf(test),
    })),
  }
}

function hasErrors(task: { errors: () => readonly unknown[] }): boolean {
  return task.errors().length > 0
}

function reasonOf(test: TestCase): string {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : 'it never ran'
  return note ?? 'no reason given'
}
