import { writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

export interface Totals {
  passed: number
  failed: number
  skipped: { name: string; reason: string }[]
  /** Every test file, the longest first. */
  files: { name: string; seconds: number }[]
}

/** A reporter that writes the totals of a run to the file that DUSTPAN_TEST_TOTALS names. */
export default class TestTotals implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const file = process.env.DUSTPAN_TEST_TOTALS
    if (file !== undefined) writeFileSync(file, JSON.stringify(count(modules, unhandledErrors.length)))
  }
}

/** A file that does not load, a suite whose hook fails, and an error that no test caught count as one failure each. */
function count(modules: readonly TestModule[], unhandled: number): Totals {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const outside = modules.flatMap((module) => [module, ...module.children.allSuites()])
  const failed = [...tests.filter((test) => test.result().state === 'failed'), ...outside.filter(hasErrors)]
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed: failed.length + unhandled,
    skipped: tests.filter((test) => ['skipped', 'pending'].includes(test.result().state)).map(describeSkipped),
    files: modules.map(describeFile).sort((a, b) => b.seconds - a.seconds),
  }
}

function hasErrors(task: { errors: () => readonly unknown[] }): boolean {
  return task.errors().length > 0
}

function describeSkipped(test: TestCase): Totals['skipped'][number] {
  const result = test.result()
  const note = result.state === 'skipped' ? result.note : 'it never ran'
  return { name: `${test.module.relativeModuleId} > ${test.fullName}`, reason: note ?? 'no reason given' }
}

function describeFile(module: TestModule): Totals['files'][number] {
  const { duration, collectDuration } = module.diagnostic()
  return { name: module.relativeModuleId, seconds: (duration + collectDuration) / 1000 }
}
