/** The user and CI job that a process works for, for the audit log. */
import { hostname, userInfo } from 'node:os'

export interface Who {
  readonly user: string
  readonly host: string
  /** The CI system's id of the job. */
  readonly job?: string
}

/** Variables in which CI systems name the person who started the build: on CI, all builds share one system user. */
const actorVariables = [
  'GITHUB_ACTOR',
  'GITLAB_USER_LOGIN',
  'BUILDKITE_BUILD_CREATOR',
  'CIRCLE_USERNAME',
  'BUILD_REQUESTEDFOR',
  'BUILD_USER_ID',
]

/** Variables in which CI systems name the job; a build has several jobs. */
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
