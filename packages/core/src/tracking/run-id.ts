/** Names for runs and builds. */
import { createHash } from 'node:crypto'
import { clock } from '../clock/clock.ts'

/** Sorts by time, at most 50 characters, safe in file names and URLs: `20261121-051207-k3f9x2`, where `k3` are the milliseconds. */
export const newRunId = (): string => {
  const now = clock.now()
  return runId(now, inBase36(now % 1000, 2) + clock.random(4))
}

/** The same for all who give the same: for processes that share a run, and nothing that could tell them its name. */
export function sharedRunId(begunAt: number, ...shared: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(shared)).digest()
  return runId(begunAt, someMoment + inBase36(hash.readUIntBE(0, 6) % 36 ** 4, 4))
}

/** In place of milliseconds that nobody knows. */
const someMoment = 'zz'
/** By so much {@link sharedRunId} may be given too early a time: two times, cut to the second. */
const uncertainMs = 2000

const inBase36 = (value: number, length: number): string => value.toString(36).padStart(length, '0')

const runId = (begunAt: number, suffix: string): string => `${runIdAt(begunAt)}-${suffix}`

/** What sorts after the ids of runs that began earlier, and before those of the others. */
export function runIdAt(begunAt: number): string {
  const [date = '', time = ''] = clock.iso(begunAt).split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
}

export interface RunStart {
  /** Not before. */
  readonly from: number
  /** And not after. */
  readonly to: number
}

/** Between which moments a run began, in milliseconds since the epoch, as its id tells. */
export function runStart(id: string): RunStart | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-([a-z\d]{2})/.exec(id)
  if (!found) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number)
  const from = Date.UTC(year, month - 1, day, hour, minute, second)
  const ms = Number.parseInt(found[7] ?? '', 36)
  return ms < 1000 ? { from: from + ms, to: from + ms } : { from, to: from + uncertainMs }
}

/** Variables in which CI systems name a pipeline, so that shards and jobs of one build are grouped. */
const buildVariables = [
  'DUSTPAN_BUILD_ID',
  // As `dustpan ci prepare` hands it on.
  'TEST_BUILD_ID',
  'GITHUB_RUN_ID',
  'CI_PIPELINE_ID',
  'BUILDKITE_BUILD_ID',
  'CIRCLE_WORKFLOW_ID',
  'BUILD_ID',
  'BUILD_BUILDID',
]

export function buildId(environment: NodeJS.ProcessEnv): string | undefined {
  return buildVariables.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
}
