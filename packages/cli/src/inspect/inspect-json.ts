import { lookAt } from '../look-at.ts'
import type { InspectedRun } from './find-tests.ts'

/** Each test with its records, and how to look at each resource. */
export function inspectJson(found: InspectedRun | undefined): object {
  if (!found) return { run: null, tests: [] }
  const { run, tests } = found
  return {
    run: run.report.run,
    tests: tests.map(({ scope, records, intents }) => ({
      flow: records[0]?.flow ?? { id: scope.id, kind: scope.kind, attempt: scope.attempt },
      created: records.map((record) => ({ ...record, look: lookAt(record) })),
      intents,
    })),
    warnings: run.report.warnings,
  }
}
