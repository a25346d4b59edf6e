/** The branch that a run tests: from the CI system's variables, otherwise from git's files; starts no process. */
import { readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'

/** CI systems and their variables for the branch. A pull request's source branch comes first: its merge ref means nothing to people. */
const systems: readonly (readonly [flag: string, variables: readonly string[]])[] = [
  ['GITHUB_ACTIONS', ['GITHUB_HEAD_REF', 'GITHUB_REF_NAME']],
  ['GITLAB_CI', ['CI_MERGE_REQUEST_SOURCE_BRANCH_NAME', 'CI_COMMIT_REF_NAME']],
  ['BUILDKITE', ['BUILDKITE_BRANCH']],
  ['JENKINS_URL', ['CHANGE_BRANCH', 'BRANCH_NAME', 'GIT_BRANCH']],
  ['CIRCLECI', ['CIRCLE_BRANCH']],
  ['TF_BUILD', ['SYSTEM_PULLREQUEST_SOURCEBRANCH', 'BUILD_SOURCEBRANCH']],
]

/** `main`; `detached at 4f94a6454c67`; undefined if there is no repository. */
export function branchOf(root: string, environment: NodeJS.ProcessEnv): string | undefined {
  const variables = systems.find(([flag]) => environment[flag])?.[1] ?? []
  const fromCi = variables.map((name) => environment[name]).find((value) => value !== undefined && value !== '')
  return fromCi === undefined ? checkedOut(root) : shortName(fromCi)
}

function checkedOut(root: string): string | undefined {
  const head = headOf(resolve(root))?.trim()
  if (head === undefined) return undefined
  // With the reftable format, HEAD is only a placeholder.
  if (head.startsWith('ref: ')) return head.endsWith('/.invalid') ? undefined : shortName(head.slice('ref: '.length))
  return /^[\da-f]{40,64}$/.test(head) ? `detached at ${head.slice(0, 12)}` : undefined
}

/** From the nearest repository upwards. In a worktree or submodule, `.git` is a file that points to the real folder. */
function headOf(folder: string): string | undefined {
  const git = join(folder, '.git')
  const elsewhere = read(git)?.match(/^gitdir: (.+)$/m)?.[1]
  const head = read(join(elsewhere === undefined ? git : resolve(folder, elsewhere), 'HEAD'))
  const above = dirname(folder)
  return head ?? (above === folder ? undefined : headOf(above))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

const shortName = (reference: string): string => reference.replace(/^refs\/(heads|tags|remotes)\//, '')
