/** Whether Dustpan is in each runner of the project: the same look as `init` takes. */
import { installCommand, packageManagerOf } from '../../project/package-manager.ts'
import type { Project } from '../../project/project.ts'
import type { Runner } from '../../project/runner.ts'
import { runnersIn } from '../../project/runners.ts'
import { type Check, fine, warning, wrong } from '../check.ts'

export function runners(project: Project): readonly Check[] {
  const all = runnersIn(project)
  if (all.length > 0) return all.map((runner) => wiringOf(runner, project))
  return [
    warning('Runners', `none was found in ${project.folder}`, {
      mend: 'Name the folder that has one: --cwd <folder>.',
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
    return wrong(subject, `Dustpan is not in ${first?.file}${more}`, { run: 'npx dustpan init' })
  }
  const [open] = byHand
  if (open)
    return warning(subject, `Dustpan is not seen in ${open.file}: ${open.why}`, {
      mend: 'Add it there:',
      run: open.add,
    })
  return fine(subject, [version, wired[0]].filter(Boolean).join(', in '))
}
