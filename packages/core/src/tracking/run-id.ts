/** Names for runs and builds. */
import { createHash } from 'node:crypto'
import { clock } from '../clock/clock.ts'

/** Sorts by time, at most 50 characters, safe in file names and URLs: `20261121-051207-k3f9x2`. */
export const newRunId = (): string => runId(clock.now(), clock.random(6))

/** The same for all who give the same: for processes that share a run, and nothing that could tell them its name. */
export function sharedRunId(begunAt: number, ...shared: readonly string[]): string {
  const hash = createHash('sha256').update(JSON.stringify(shared)).digest()
  return runId(begunAt, (hash.readUIntBE(0, 6) % 36 ** 6).toString(36).padStart(6, '0'))
}

function runId(begunAt: number, suffix: string): string {
  const [date = '', time = ''] = clock.iso(begunAt).split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${suffix}`
}

/** When a run began, in milliseconds since the epoch, as its id tells to the second. */
export function runStart(id: string): number | undefined {
  const found = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(id)
  if (!found) return undefined
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  return Date.UTC(year, month - 1, day, hour, minute, second)
}

/** Variables in which CI systems name a pipeline, so that shards and jobs of one build are grouped. */
const buildVariables = [
  'DUSTPAN_BUILD_ID',
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
