import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { branchOf } from '../../src/tracking/branch.ts'

function folder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-branch-')))
  onTestFinished(() => rmSync(path, { recursive: true }))
  return path
}

const as = ['-c', 'user.name=a', '-c', 'user.email=a@b.example']

function repository(): { readonly path: string; git(...args: string[]): string } {
  const path = folder()
  const git = (...args: string[]) => execFileSync('git', ['-C', path, ...as, ...args], { encoding: 'utf8' }).trim()
  git('init', '--quiet', '--initial-branch', 'feature/cart')
  git('commit', '--quiet', '--allow-empty', '-m', 'first')
  return { path, git }
}

test('branchOf() finds the branch of git from any subfolder', () => {
  const { path } = repository()
  mkdirSync(join(path, 'packages', 'a'), { recursive: true })
  expect(branchOf(join(path, 'packages', 'a'), {})).toBe('feature/cart')
})

test('branchOf() in a worktree is the worktree’s branch', () => {
  const { git } = repository()
  const tree = join(folder(), 'tree')
  git('worktree', 'add', '--quiet', '-b', 'other', tree)
  expect(branchOf(tree, {})).toBe('other')
})

test('branchOf() with a detached HEAD is the commit', () => {
  const { path, git } = repository()
  git('checkout', '--quiet', '--detach')
  expect(branchOf(path, {})).toBe(`detached at ${git('rev-parse', 'HEAD').slice(0, 12)}`)
})

test('branchOf() outside a repository is undefined', () => {
  expect(branchOf(folder(), {})).toBeUndefined()
})

test.for([
  [{ GITHUB_ACTIONS: 'true', GITHUB_HEAD_REF: '', GITHUB_REF_NAME: 'main' }, 'main'],
  [{ GITHUB_ACTIONS: 'true', GITHUB_HEAD_REF: 'fix', GITHUB_REF_NAME: '7/merge' }, 'fix'],
  [{ GITLAB_CI: 'true', CI_COMMIT_REF_NAME: 'main' }, 'main'],
  [{ TF_BUILD: 'True', BUILD_SOURCEBRANCH: 'refs/heads/a/b' }, 'a/b'],
  [{ JENKINS_URL: 'http://ci', BRANCH_NAME: 'PR-7', CHANGE_BRANCH: 'fix' }, 'fix'],
  [{ GITHUB_ACTIONS: 'true' }, 'feature/cart'],
  [{ BRANCH_NAME: 'mine' }, 'feature/cart'],
] as const)('branchOf() prefers the CI system’s variables: %j', ([environment, branch]) => {
  expect(branchOf(repository().path, environment)).toBe(branch)
})
