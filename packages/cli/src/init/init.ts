/** `dustpan init`: examine → show → ask → write → print the next steps. */
import { chmodSync, realpathSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { InitOptions } from '../commands/init.ts'
import type { Call } from '../commands.ts'
import { type Confirmation, confirm } from '../confirm.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { configuredDrivers } from '../project/configured-drivers.ts'
import { openProject } from '../project/project.ts'
import type { Change } from '../project/runner.ts'
import { settingsFor } from '../settings.ts'
import { planJson } from './init-json.ts'
import { doneText, planText } from './init-text.ts'
import { install } from './install.ts'
import { type InitPlan, planInit } from './plan.ts'

export async function init(call: Call<InitOptions>): Promise<ExitCode> {
  const { options, terminal, environment } = call
  const project = openProject(resolve(options.cwd ?? '.'))
  const plan = planInit(project, environment, await configuredDrivers(project, () => settingsFor(call)))
  if (!options.json) terminal.write(planText(plan, terminal))
  const isAgreed = !options.dryRun && (plan.changes.length === 0 || (await confirm(call, writing(plan.changes.length))))
  if (isAgreed) for (const change of plan.changes) write(plan.folder, change)
  const missing =
    isAgreed && options.install && plan.install ? !(await install(plan.folder, plan.install, call)) : false
  printOutcome(call, plan, { written: isAgreed, installed: options.install === true && !missing })
  if (options.dryRun) return exitCode.done
  return isAgreed && !missing && plan.byHand.length === 0 ? exitCode.done : exitCode.left
}

/** Enter counts as yes. */
const writing = (files: number): Confirmation => ({
  question: files === 1 ? 'Write this file? [Y/n]' : `Write these ${files} files? [Y/n]`,
  act: files === 1 ? 'write it' : 'write them',
  untouched: 'Nothing was written',
  accepts: (answer) => /^(y(es)?)?$/i.test(answer),
})

interface Outcome {
  readonly written: boolean
  readonly installed: boolean
}

function printOutcome({ options, terminal }: Call<InitOptions>, plan: InitPlan, { written, installed }: Outcome): void {
  if (options.json) terminal.write(`${JSON.stringify({ ...planJson(plan), written }, null, 2)}\n`)
  else if (written) terminal.write(doneText(plan, installed, terminal))
  else if (options.dryRun && plan.changes.length > 0) terminal.write('Nothing was written: this is a dry run.\n')
}

/** Replaces the file atomically, keeps its permissions, and follows a symbolic link. */
function write(folder: string, { file, before, after }: Change): void {
  const named = join(folder, file)
  const path = before === undefined ? named : realpathSync(named)
  const beside = `${path}.dustpan-new`
  writeFileSync(beside, after)
  if (before !== undefined) chmodSync(beside, statSync(path).mode)
  renameSync(beside, path)
}
