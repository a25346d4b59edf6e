/** On whose behalf a process works: for the audit log. */
import { hostname, userInfo } from 'node:os'

export interface Who {
  readonly user: string
  readonly host: string
  /** The CI system's id of the job. */
  readonly job?: string
}

/** Variables in which CI systems name a job; a build has several. */
const jobVariables = ['GITHUB_JOB', 'CI_JOB_ID', 'BUILDKITE_JOB_ID', 'CIRCLE_BUILD_NUM', 'BUILD_TAG', 'SYSTEM_JOBID']

export function who(environment: NodeJS.ProcessEnv = process.env): Who {
  const job = jobVariables.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
  return { user: userName(environment), host: hostname(), ...(job === undefined ? {} : { job }) }
}

/** In a container the user may have no name. */
function userName({ USER, LOGNAME }: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    return USER || LOGNAME || String(process.getuid?.() ?? 'unknown')
  }
}
