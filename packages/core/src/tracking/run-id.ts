/** Ids of runs and builds. */
import { createHash } from 'node:crypto'
import { clock } from '../clock/clock.ts'

/** Sorts by time, at most 50 characters, safe in file names and URLs: `20261121-051207-k3f9x2`, where `k3` encodes the milliseconds. */
export const newRunId = (): string => {
  const now = clock.now()
  return runId(now, inBase36(now % 1000, 2) + clock.random(4))
}

/** The same id for the same arguments: for processes that share a run without a channel to pass its id. */
export function sharedRunId(begunAt: number, ...shared: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(shared)).digest()
  return runId(begunAt, unknownMs + inBase36(hash.readUIntBE(0, 6) % 36 ** 4, 4))
}

/** Replaces the unknown milliseconds. */
const unknownMs = 'zz'
/** How much too early the start given to {@link sharedRunId} may be: it is the sum of two times truncated to the second. */
const uncertainMs = 2000

const inBase36 = (value: number, length: number): string => value.toString(36).padStart(length, '0')

const runId = (begunAt: number, suffix: string): string => `${runIdAt(begunAt)}-${suffix}`

/** A text that sorts after the ids of earlier runs, and before those of later ones. */
export function runIdAt(begunAt: number): string {
  const [date = '', time = ''] = clock.iso(begunAt).split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}`
}

export interface RunStart {
  /** The earliest possible start. */
  readonly from: number
  /** The latest possible start. */
  readonly to: number
}

/** When a run began, in milliseconds since the epoch, according to its id. */
export function runStart(id: string): RunStart | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-([a-z\d]{2})/.exec(id)
  if (!found) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map(Number)
  const from = Date.UTC(year, month - 1, day, hour, minute, second)
  const ms = Number.parseInt(found[7] ?? '', 36)
  return ms < 1000 ? { from: from + ms, to: from + ms } : { from, to: from + uncertainMs }
}

/** Variables in which CI systems name a pipeline; they group the shards and jobs of one build. */
const buildVariables = [
  'DUSTPAN_BUILD_ID',
  // Passed on by `dustpan ci prepare`.
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
