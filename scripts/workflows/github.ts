/** Runs a GitHub Actions workflow, each job on a machine of its own. The used actions are emulated. */
import { cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fill, type Values } from './expressions.ts'
import { type Environment, type Files, type Machine, startMachine } from './machine.ts'
import type { BuildOutcome, JobOutcome } from './outcome.ts'

export interface Workflow {
  readonly env?: Environment
  readonly jobs: Readonly<Record<string, Job>>
}

interface Job {
  readonly needs?: string | readonly string[]
  readonly if?: string
  readonly env?: Environment
  readonly outputs?: Environment
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly steps: readonly Step[]
}

interface Step {
  readonly id?: string
  readonly if?: string
  readonly run?: string
  readonly uses?: string
  readonly with?: Values
}

/** Artifacts kept between jobs: folders by name. */
interface Build {
  readonly artifacts: string
  readonly own: Environment
  readonly values: Values
  readonly needs: Record<string, { result: JobOutcome['result']; outputs: Environment }>
}

export async function runGithubWorkflow(
  { env = {}, jobs }: Workflow,
  files: Readonly<Record<string, Files>>,
  artifacts: string,
  given: { readonly vars: Environment; readonly secrets: Environment; readonly runId: string },
): Promise<BuildOutcome> {
  const own = { GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: given.runId }
  const build: Build = { artifacts, own, values: { vars: given.vars, secrets: given.secrets }, needs: {} }
  const outcome: Record<string, JobOutcome> = {}
  for (const [name, job] of Object.entries(jobs)) {
    const all = { ...env, ...job.env }
    const done = isDue(job, build)
      ? await runJob({ ...job, env: all }, files[name] ?? files['*'] ?? {}, build)
      : skipped
    build.needs[name] = done
    outcome[name] = done
  }
  return outcome
}

const skipped = { result: 'skipped', outputs: {}, output: '' } as const

function isDue({ needs = [], if: condition }: Job, build: Build): boolean {
  if (condition !== undefined) return condition === 'always()'
  return [needs].flat().every((name) => build.needs[name]?.result === 'success')
}

type Done = JobOutcome & { readonly outputs: Environment }

async function runJob(job: Job, files: Files, build: Build): Promise<Done> {
  const matrix = Object.entries(job.strategy?.matrix ?? {})[0]
  const legs = matrix ? matrix[1].map((value) => ({ [matrix[0]]: value })) : [{}]
  const done: Done[] = []
  for (const leg of legs) done.push(await runLeg(job, leg, files, build))
  const failed = done.some(({ result }) => result === 'failure')
  return {
    result: failed ? 'failure' : 'success',
    outputs: Object.assign({}, ...done.map(({ outputs }) => outputs)),
    output: done.map(({ output }) => output).join('\n'),
  }
}

async function runLeg({ steps, env, outputs = {} }: Job, matrix: Values, files: Files, build: Build): Promise<Done> {
  await using machine = await startMachine(files)
  const ofSteps: Record<string, { outputs: Environment }> = {}
  const values = { ...build.values, needs: build.needs, matrix, steps: ofSteps }
  const environment = { ...build.own, ...fill(env ?? {}, values), GITHUB_OUTPUT: machine.file('github-output') }
  let succeeds = true
  for (const step of steps) {
    if (!succeeds && step.if !== 'always()') continue
    const done = step.run
      ? await machine.run(fill({ run: step.run }, values).run ?? '', environment)
      : await useAction(step, values, machine, build)
    succeeds &&= done
    if (step.id) ofSteps[step.id] = { outputs: await machine.variablesIn('github-output') }
  }
  return { result: succeeds ? 'success' : 'failure', outputs: fill(outputs, values), output: machine.output }
}

async function useAction(
  { uses = '', with: given = {} }: Step,
  values: Values,
  { file }: Machine,
  build: Build,
): Promise<boolean> {
  const [action] = uses.split('@')
  if (action === 'actions/checkout' || action === 'actions/setup-node') return true
  const options = fill(given as Environment, values)
  const path = file(options.path ?? '')
  if (action === 'actions/upload-artifact')
    return cp(path, join(build.artifacts, options.name ?? ''), { recursive: true }).then(
      () => true,
      () => options['if-no-files-found'] === 'ignore',
    )
  if (action !== 'actions/download-artifact') throw new Error(`This does not know the action ${uses}`)
  await mkdir(build.artifacts, { recursive: true })
  for (const name of await readdir(build.artifacts)) await cp(join(build.artifacts, name), path, { recursive: true })
  return true
}
