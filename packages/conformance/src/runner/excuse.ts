/** Checks excuses: an excuse must be deleted once the runner offers a way. */
import type { Outcome } from './conform.ts'
import type { Dialect, Excuse, RunnerVersion } from './dialect.ts'
import { runBare, surfaceOf } from './surface.ts'

export async function examine({ reason, probe }: Excuse, dialect: Dialect, version: RunnerVersion): Promise<Outcome> {
  if (probe instanceof RegExp) {
    const surface = await surfaceOf(dialect, version)
    const found = surface.split('\n').find((line) => probe.test(line))
    if (found === undefined) return { is: 'excused', reason }
    return { is: 'failed', expected: `${reason}: nothing like ${probe}`, actual: found, output: surface }
  }
  const output = await runBare(dialect, version, probe.test, dialect.surface.commands[0])
  if (probe.refusal.test(output)) return { is: 'excused', reason }
  return { is: 'failed', expected: `${reason}: ${probe.refusal}`, actual: 'it is not refused', output }
}
