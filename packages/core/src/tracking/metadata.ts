/** Metadata that links records to their run, test, version and machine. */
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import type { Settings } from '../config/settings.ts'
import { shadowReason } from '../config/shadow-reason.ts'
import type { RunMetadata } from '../journal/events.ts'
import { branchOf } from './branch.ts'
import type { Scope } from './scope.ts'

/** CI systems and their variables for the machine that runs the job. */
const agents: readonly (readonly [string, string])[] = [
  ['GITHUB_ACTIONS', 'RUNNER_NAME'],
  ['GITLAB_CI', 'CI_RUNNER_DESCRIPTION'],
  ['BUILDKITE', 'BUILDKITE_AGENT_NAME'],
  ['JENKINS_URL', 'NODE_NAME'],
  ['CIRCLECI', 'CIRCLE_JOB'],
  ['TF_BUILD', 'AGENT_NAME'],
]

export function runMetadata(settings: Settings, environment: NodeJS.ProcessEnv): RunMetadata {
  const version = projectVersion(settings.root)
  const branch = branchOf(settings.root, environment)
  return {
    ...(version === undefined ? {} : { projectVersion: version }),
    ...(branch === undefined ? {} : { branch }),
    environment: settings.environmentName,
    agent: agentName(environment),
    createdBy: settings.metadata.createdBy,
    strategy: settings.cleanup.strategy,
    ...(settings.shadow ? { shadow: true, shadowReason: shadowReason(settings) } : {}),
  }
}

function agentName(environment: NodeJS.ProcessEnv): string {
  const ci = agents.find(([flag]) => environment[flag])
  return (ci && environment[ci[1]]) || hostname()
}

/** From the nearest package.json that has a version, upwards. */
function projectVersion(root: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const version = versionIn(join(folder, 'package.json'))
    if (version !== undefined || folder === dirname(folder)) return version
  }
}

function versionIn(file: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { version?: string }).version
  } catch {
    return undefined
  }
}

/** The test's identity for a header: file and titles. */
export function flowId(scope: Scope): string {
  const { file = '', path = [] } = scope.identity
  return [file, ...path].join(' > ')
}

/** Limited to printable ASCII, because headers allow nothing else; other characters are percent-encoded, so that they can be decoded. */
function headerValue(text: string): string {
  let value = ''
  for (const char of text.toWellFormed()) {
    const written = /[\x20-\x24\x26-\x7e]/.test(char) ? char : encodeURIComponent(char)
    if (value.length + written.length > 256) break
    value += written
  }
  return value
}

/**
 * The headers that name run, flow and test: `<prefix>Run-ID`, `X-Flow-ID`, `<prefix>ID`, `<prefix>Mode`, `X-Created-By`, and W3C `baggage`.
 */
export function requestHeaders(settings: Settings, run: string, scope: Scope): Record<string, string> {
  const { headerPrefix: prefix, createdBy } = settings.metadata
  const general = prefix.replace(/Test-$/, '')
  return {
    [`${prefix}Run-ID`]: run,
    [`${general}Flow-ID`]: headerValue(flowId(scope)),
    [`${prefix}ID`]: `${run}.${scope.id}`,
    [`${prefix}Mode`]: 'true',
    [`${general}Created-By`]: headerValue(createdBy),
    baggage: `test.run_id=${run},test.scope_id=${scope.id}`,
  }
}
