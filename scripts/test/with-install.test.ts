import { chmod, cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from '../workspace.ts'

/** A clone in which nothing is installed yet. */
let clone: string
beforeEach(async () => {
  clone = await mkdtemp(join(tmpdir(), 'dustpan-clone-'))
  for (const file of ['package.json', 'pnpm-lock.yaml', 'scripts/with-install.mjs'])
    await cp(join(root, file), join(clone, file))
  await writeFile(
    join(clone, 'script.ts'),
    'const all: string[] = process.argv.slice(2)\nconsole.log(process.version, ...all)\nprocess.exitCode = 3\n',
  )
})
afterEach(() => rm(clone, { recursive: true }))

function withInstall(script: string, path = process.env.PATH) {
  return execa(process.execPath, ['scripts/with-install.mjs', script, 'a', 'b c'], {
    cwd: clone,
    env: { PATH: path },
    reject: false,
  })
}

test('passes on arguments and exit code, runs the project’s Node, and does not install again', async () => {
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'))
  const { stdout, stderr, exitCode } = await withInstall('script.ts')
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: 'v24.21.0 a b c', stderr: '', exitCode: 3 })
})

test('forwards SIGTERM, and waits for the script to exit', async () => {
  await symlink(join(root, 'node_modules'), join(clone, 'node_modules'))
  const script = `process.on('SIGTERM', () => { console.log('cleaned up'); process.exit(5) })\nsetInterval(() => {}, 1000)\nconsole.log('ready')\n`
  await writeFile(join(clone, 'script.ts'), script)
  const running = withInstall('script.ts')
  running.stdout?.once('data', () => running.kill('SIGTERM'))
  const { stdout, exitCode } = await running
  expect({ stdout, exitCode }).toEqual({ stdout: 'ready\ncleaned up', exitCode: 5 })
})

test('reports a missing npx', async () => {
  const { stderr, exitCode } = await withInstall('script.ts', '/nowhere')
  expect(stderr).toContain('npx was not found')
  expect(exitCode).toBe(1)
})

test('shows the output of a failed install', async () => {
  const npx = join(clone, 'bin', 'npx')
  await mkdir(join(clone, 'bin'))
  await writeFile(npx, '#!/bin/sh\necho "$@"\necho "ENOTFOUND registry" >&2\nexit 9\n')
  await chmod(npx, 0o755)
  const { stderr, exitCode } = await withInstall('script.ts', `${join(clone, 'bin')}:${process.env.PATH}`)
  expect(stderr).toMatch(/-y pnpm@[\d.]+ install --frozen-lockfile/)
  expect(stderr).toContain('ENOTFOUND registry')
  expect(stderr).toContain('npx exited with 9')
  expect(exitCode).toBe(1)
})
