/** The surface of a runner: what it offers by itself, with Dustpan installed but unused. */
import { readFileSync } from 'node:fs'
import { createProject } from '../project.ts'
import type { Dialect, RunnerVersion } from './dialect.ts'
import { installationOf } from './fixture-project.ts'

const surfaces = new WeakMap<RunnerVersion, Promise<string>>()

/** The runner's help, and all names available to a test. */
export function surfaceOf(dialect: Dialect, version: RunnerVersion): Promise<string> {
  const surface = surfaces.get(version) ?? show(dialect, version)
  surfaces.set(version, surface)
  return surface
}

async function show(dialect: Dialect, version: RunnerVersion): Promise<string> {
  const { test, commands } = dialect.surface
  const outputs = []
  for (const command of commands) outputs.push(await runBare(dialect, version, test, command))
  if (!outputs[0]?.includes('test.only') && !outputs[0]?.includes('it.only')) throw new Error(outputs.join('\n'))
  return outputs.join('\n')
}

export async function runBare(
  dialect: Dialect,
  version: RunnerVersion,
  test: string,
  command: readonly string[] = [],
): Promise<string> {
  const surfaceModule = readFileSync(new URL('../../preludes/surface.js', import.meta.url), 'utf8')
  await using project = await createProject({
    ...installationOf(dialect, version),
    files: { ...dialect.config.bare, [dialect.surface.file]: test, 'tests/surface.js': surfaceModule },
    command,
  })
  return (await project.run()).output
}
