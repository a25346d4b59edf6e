/** On whose behalf a process works: for the audit log. */
import { hostname, userInfo } from 'node:os'

export interface Who {
  readonly user: string
  readonly host: string
  /** The CI system's id of the job. */
  readonly job?: string
}

/** Variables in which CI systems name who has set off the build: there, all have one user of the machine. */
const actorVariables = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'BUILDKITE_BUILD_CREATOR',
  'CIRCLE_USERNAME',
  'BUILD_REQUESTEDFOR',
  'BUILD_USER_ID',
]

/** Variables in which CI systems name a job; a build has several. */
const jobVariables = ['GITHUB_JOB', 'CI_JOB_ID', 'BUILDKITE_JOB_ID', 'CIRCLE_BUILD_NUM', 'BUILD_TAG', 'SYSTEM_JOBID']

export function who(environment: NodeJS.ProcessEnv = process.env): Who {
  const job = firstOf(jobVariables, environment)
  const user = firstOf(actorVariables, environment) ?? userName(environment)
  return { user, host: hostname(), ...(job === undefined ? {} : { job }) }
}

const firstOf = (names: readonly string[], environment: NodeJS.ProcessEnv): string | undefined =>
  names.map((name) => environment[name]).find((value) => value !== undefined && value !== '')

/** In a container the user may have no name. */
function userName({ USER, LOGNAME }: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username
  } catch {
    return USER || LOGNAME || String(process.getuid?.() ?? 'unknown')
  }
}
