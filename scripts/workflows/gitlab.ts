/** Runs a GitLab CI pipeline, each job on a machine of its own. */
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Environment, type Files, startMachine } from './machine.ts'
import type { BuildOutcome, JobOutcome } from './outcome.ts'

export interface Pipeline {
  readonly stages: readonly string[]
  readonly before_script?: readonly string[]
  readonly [job: string]: unknown
}

interface Job {
  readonly stage: string
  readonly script: readonly string[]
  readonly when?: 'always'
  readonly parallel?: number
  readonly artifacts?: {
    readonly when?: 'always'
    readonly paths?: readonly string[]
    readonly reports?: { readonly dotenv?: string }
  }
}

interface Build {
  readonly artifacts: string
  variables: Environment
}

export async function runGitlabPipeline(
  pipeline: Pipeline,
  files: Readonly<Record<string, Files>>,
  artifacts: string,
  variables: Environment,
): Promise<BuildOutcome> {
  await mkdir(artifacts, { recursive: true })
  const build: Build = { artifacts, variables: { GITLAB_CI: 'true', ...variables } }
  const outcome: Record<string, JobOutcome> = {}
  for (const [name, job] of jobsOf(pipeline)) {
    const failed = Object.values(outcome).some(({ result }) => result !== 'success')
    const script = [...(pipeline.before_script ?? []), ...job.script]
    const due = !failed || job.when === 'always'
    outcome[name] = due
      ? await runJob({ ...job, script }, files[name] ?? files['*'] ?? {}, build)
      : { result: 'skipped', output: '' }
  }
  return outcome
}

/** The jobs of each stage. */
function jobsOf({ stages, ...others }: Pipeline): readonly (readonly [string, Job])[] {
  const jobs = Object.entries(others).filter((entry): entry is [string, Job] => isJob(entry[1]))
  return stages.flatMap((stage) => jobs.filter(([, job]) => job.stage === stage))
}

const isJob = (value: unknown): value is Job => typeof value === 'object' && value !== null && 'script' in value

async function runJob(job: Job, files: Files, build: Build): Promise<JobOutcome> {
  const { parallel = 1 } = job
  // Variables are passed to later stages only, not to jobs of the same stage.
  const reported: Environment[] = []
  let [succeeds, output] = [true, '']
  const { variables } = build
  const before = join(build.artifacts, `before-${job.stage}`)
  await cp(join(build.artifacts, 'all'), before, { recursive: true }).catch(() => {})
  for (let index = 1; index <= parallel; index++) {
    const node = parallel > 1 ? { CI_NODE_INDEX: `${index}`, CI_NODE_TOTAL: `${parallel}` } : {}
    await using machine = await startMachine(files)
    await cp(before, machine.folder, { recursive: true }).catch(() => {})
    const done = await machine.run(job.script.join('\n'), { ...variables, ...node })
    succeeds &&= done
    output += machine.output
    const { reports, paths = [], when } = job.artifacts ?? {}
    // Reports are collected even if the job failed.
    if (reports?.dotenv) reported.push(await machine.variablesIn(reports.dotenv))
    for (const path of done || when === 'always' ? paths : [])
      await cp(machine.file(path), join(build.artifacts, 'all', path), { recursive: true }).catch(() => {})
  }
  build.variables = Object.assign({}, variables, ...reported)
  return { result: succeeds ? 'success' : 'failure', output }
}
