/** Names for runs and builds. */
import { clock } from '../clock/clock.ts'

/** Sorts by time, at most 50 characters, safe in file names and URLs: `20261121-051207-k3f9x2`. */
export function newRunId(): string {
  const [date = '', time = ''] = clock.iso().split('T')
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${clock.random(6)}`
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
