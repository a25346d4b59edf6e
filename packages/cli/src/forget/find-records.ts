/** Finds the records to forget: those of runs, or by record id in any run. */
import { DustpanError } from '@dustpan/core'
import {
  isFine,
  isGoingOn,
  listRuns,
  type RecordedRun,
  type ResourceRecord,
  readRecordedRun,
  type Settings,
} from '@dustpan/core/ledger'
import { findRun } from '../find-run.ts'
import type { RecordPlan } from '../record-plan.ts'
import { type Filters, select } from '../select.ts'

/** @throws DustpanError `DUSTPAN_UNKNOWN_RUN`; `DUSTPAN_INVALID_ARGUMENT` for an id that no run has: nothing is forgotten. */
export async function findRecords(
  settings: Settings,
  wanted: readonly string[],
  filters: Filters,
): Promise<readonly RecordPlan[]> {
  const found: RecordPlan[] = []
  for (const run of await runsOf(
    settings,
    wanted.filter((text) => !isRecordId(text)),
  )) {
    // Records of removed resources are worth keeping, unless a state is requested.
    const records = run.records.filter(({ state }) => filters.state !== undefined || !isFine(state))
    found.push(planFor(run, select(records, filters)))
  }
  return [...found, ...(await findById(settings, new Set(wanted.filter(isRecordId)), filters))]
}

/** `k3f9x2-4.0`: run ids contain no dot. */
const isRecordId = (text: string): boolean => text.includes('.')

async function runsOf(settings: Settings, wanted: readonly string[]): Promise<readonly RecordedRun[]> {
  const ids = new Set(wanted.flatMap((text) => findRun(settings.dir, text) ?? []))
  return Promise.all([...ids].map((id) => readRecordedRun(settings, id)))
}

async function findById(settings: Settings, ids: Set<string>, filters: Filters): Promise<readonly RecordPlan[]> {
  const found: RecordPlan[] = []
  for (const { id } of listRuns(settings.dir)) {
    if (ids.size === 0) break
    const run = await readRecordedRun(settings, id)
    const records = run.records.filter((record) => ids.delete(record.id))
    if (records.length > 0) found.push(planFor(run, select(records, filters)))
  }
  const [unknown] = ids
  if (unknown !== undefined) throw noSuchId(unknown, settings)
  return found
}

function planFor(run: RecordedRun, records: readonly ResourceRecord[]): RecordPlan {
  const inProgress = isGoingOn(run.folded)
  const isBusy = ({ state }: ResourceRecord) => inProgress && (state === 'live' || state === 'pending')
  return { run, due: records.filter((record) => !isBusy(record)), busy: records.filter(isBusy) }
}

function noSuchId(id: string, { dir }: Settings): DustpanError {
  return new DustpanError('DUSTPAN_INVALID_ARGUMENT', `No run in ${dir} has a resource ${JSON.stringify(id)}.`, {
    hint: '`dustpan list <run> --all` shows the ids. Nothing was forgotten.',
  })
}
