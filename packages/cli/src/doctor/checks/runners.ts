/** Checks whether Dustpan is set up in each runner of the project, with the rules of `init`. */

import { counted } from '../../counted.ts'
import { installCommand, packageManagerOf } from '../../project/package-manager.ts'
import type { Project } from '../../project/project.ts'
import type { Runner } from '../../project/runner.ts'
import { runnersIn } from '../../project/runners.ts'
import { type UntrackedPackage, untrackedPackages } from '../../project/workspace.ts'
import { type Check, fine, warning, wrong } from '../check.ts'

export function runners(project: Project): readonly Check[] {
  const all = runnersIn(project)
  const packages = untracked(untrackedPackages(project))
  if (all.length + packages.length > 0) return [...all.map((runner) => wiringOf(runner, project)), ...packages]
  return [
    warning('Runners', `none found in ${project.folder}`, {
      fix: 'Give the folder that has one: --cwd <folder>.',
    }),
  ]
}

function untracked(packages: readonly UntrackedPackage[]): readonly Check[] {
  if (packages.length === 0) return []
  const list = packages.map(({ folder, runners }) => `${folder} (${runners.join(', ')})`).join(', ')
  return [
    warning('Workspace', `${counted(packages.length, 'package')} with a test script and without Dustpan: ${list}`, {
      fix: 'Tests that run in the folder of a package use the configuration there.',
      run: packages.map(({ folder }) => `npx dustpan init --cwd ${folder}`).join('\n'),
    }),
  ]
}

function wiringOf(runner: Runner, project: Project): Check {
  const version = runner.needs === undefined ? undefined : project.installed(runner.needs)
  const subject = runner.name
  const { wired, changes, byHand } = runner.wiring(project)
  if (project.installed(runner.package) === undefined) {
    const command = installCommand(packageManagerOf(project), project, [runner.package])
    return wrong(subject, `${runner.package} is not installed`, { run: command.join(' ') })
  }
  if (changes.length > 0) {
    const [first] = changes
    const more = changes.length > 1 ? ` and ${changes.length - 1} more` : ''
    const where =
      first?.before === undefined ? 'set up: it has no configuration file' : `set up in ${first.file}${more}`
    return wrong(subject, `Dustpan is not ${where}`, { run: 'npx dustpan init' })
  }
  const [open] = byHand
  if (open)
    return warning(subject, `Dustpan was not found in ${open.file}: ${open.why}`, {
      fix: 'Add it there:',
      run: open.add,
    })
  return fine(subject, [version, wired[0]].filter(Boolean).join(', in '))
}
