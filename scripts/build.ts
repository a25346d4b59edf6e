import { chmod, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { execa } from 'execa'
import { tsc } from './tsc.ts'
import { publishablePackages, root, type WorkspacePackage } from './workspace.ts'

/** Compiles packages to their `dist`, from scratch. `within` is the workspace, or a copy of it. */
export async function build(packages: WorkspacePackage[], within = root): Promise<void> {
  const results = await Promise.allSettled(packages.map((each) => buildPackage(each, within)))
  const failures = results.filter((result) => result.status === 'rejected').map(({ reason }) => String(reason.message))
  if (failures.length > 0) throw new Error(failures.join('\n'))
}

async function buildPackage({ folder, manifest }: WorkspacePackage, within: string): Promise<void> {
  await rm(join(within, folder, 'dist'), { recursive: true, force: true })
  await execa('tsc', [...tsc.args, '-p', folder], { cwd: within, env: tsc.env, preferLocal: true, localDir: root })
  const commands = Object.values(manifest.publishConfig?.bin ?? {})
  await Promise.all(commands.map((file) => chmod(join(within, folder, file), 0o755)))
}

if (import.meta.main) {
  await build(publishablePackages()).catch((error) => {
    console.error(error.message)
    process.exitCode = 1
  })
}
