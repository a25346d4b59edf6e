/** Finds the runs that a cleaning job removes: those of the build in the ledger, and the one whose record was passed on. */
import { DustpanError } from '@dustpan/core'
import { listRuns, receiveRun, runsOfBuild, type Settings, unpackRun } from '@dustpan/core/ledger'
import type { CiCleanOptions } from '../commands/ci.ts'
import type { Call } from '../commands.ts'
import { buildOf } from './build.ts'

export interface FoundRuns {
  readonly build: string | undefined
  /** Newest first. */
  readonly runs: readonly string[]
}

/** @throws DustpanError `DUSTPAN_RECORD_INVALID`; `DUSTPAN_UNKNOWN_RUN` if data was prepared by a run without a record. */
export async function findRuns(call: Call<CiCleanOptions>, settings: Settings): Promise<FoundRuns> {
  const received = receive(call, settings)
  const build = call.options.build || received?.build || buildOf(call)
  const ofBuild = build === undefined ? [] : await runsOfBuild(settings, build)
  const { TEST_ID: prepared } = call.environment
  const known = new Set([...ofBuild, ...(received ? [received.run] : [])])
  if (prepared !== undefined && isRunId.test(prepared) && !known.has(prepared)) throw notFound(prepared, settings)
  const here = new Set(listRuns(settings.dir).map(({ id }) => id))
  return {
    build,
    runs: [...known]
      .filter((id) => here.has(id))
      .sort()
      .reverse(),
  }
}

const isRunId = /^\d{8}-\d{6}-[a-z\d]{6}$/

function receive({ options, environment }: Call<CiCleanOptions>, { dir }: Settings) {
  const text = options.record || environment.DUSTPAN_RECORD
  if (!text) return undefined
  const carried = unpackRun(text)
  if (options.build && carried.build !== options.build) throw ofAnotherBuild(carried.build, options.build)
  receiveRun(dir, carried)
  return carried
}

const ofAnotherBuild = (build: string, requested: string): DustpanError =>
  new DustpanError(
    'DUSTPAN_RECORD_INVALID',
    `The record passed on is of build ${build}, but --build is ${requested}.`,
    {
      hint: 'Omit --build: the record says which build it is of.',
    },
  )

const notFound = (run: string, { dir }: Settings): DustpanError =>
  new DustpanError(
    'DUSTPAN_UNKNOWN_RUN',
    `TEST_ID says that run ${run} prepared data, but neither DUSTPAN_RECORD nor ${dir} has a record of it.`,
    {
      hint: 'Pass DUSTPAN_RECORD on together with TEST_ID. If the preparing job was killed, there is no record: use `dustpan bulk` to find its data by `test_run_id`, name or tag.',
    },
  )
