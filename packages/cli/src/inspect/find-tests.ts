/** Finds tests by part of their file or titles, and the run that has them. */
import {
  type FoldedRun,
  type FoldedScope,
  foldRun,
  listRuns,
  type RecordedRun,
  type ResourceRecord,
  readRecordedRun,
  readRun,
  type Settings,
  scopeName,
} from '@dustpan/core/ledger'
import { findRun } from '../find-run.ts'

export interface InspectedTest {
  readonly scope: FoldedScope
  readonly records: readonly ResourceRecord[]
  readonly intents: RecordedRun['report']['intents']
}

export interface InspectedRun {
  readonly run: RecordedRun
  /** Tests that left something come first. */
  readonly tests: readonly InspectedTest[]
}

/** Undefined when no run has such a test. @throws DustpanError `DUSTPAN_UNKNOWN_RUN` */
export async function findTests(
  settings: Settings,
  text: string,
  wanted: string | undefined,
): Promise<InspectedRun | undefined> {
  const ids = wanted === undefined ? listRuns(settings.dir).map(({ id }) => id) : [findRun(settings.dir, wanted)]
  const id = ids.find((one) => one !== undefined && testsIn(foldRun(one, readRun(settings.dir, one)), text).length > 0)
  if (id === undefined) return undefined
  const run = await readRecordedRun(settings, id)
  const tests = testsIn(run.folded, text).map((scope) => inspected(scope, run))
  return { run, tests: tests.sort((a, b) => leftOf(b) - leftOf(a)) }
}

function testsIn({ scopes }: FoldedRun, text: string): readonly FoldedScope[] {
  const wanted = text.toLowerCase()
  return [...scopes.values()].filter(
    (scope) => scope.kind === 'test' && scopeName(scope).toLowerCase().includes(wanted),
  )
}

function inspected(scope: FoldedScope, { records, report, folded }: RecordedRun): InspectedTest {
  // The report has the reason as text.
  const { why } = report.scopes.find(({ id }) => id === scope.id) ?? scope
  return {
    scope: why === undefined ? scope : { ...scope, why },
    records: records.filter(({ flow }) => flow.id === scope.id),
    intents: report.intents.filter(({ id }) => folded.intents.get(id)?.scope === scope.id),
  }
}

const isLeft = ({ state }: ResourceRecord): boolean => !['removed', 'already-gone', 'gone'].includes(state)

const leftOf = ({ records, intents }: InspectedTest): number => records.filter(isLeft).length + intents.length
