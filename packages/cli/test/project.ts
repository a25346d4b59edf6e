/** A project in a temporary folder, whose runs are recorded by a real session. */
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSettings } from '@dustpan/core/ledger'
import { beginRun } from '@dustpan/core/runner'
import { joinRun, type OpenScope, type Verdict } from '@dustpan/core/worker'

export interface Project extends Disposable {
  readonly folder: string
  readonly ledger: string
  /** Creates a file and returns its path. */
  file(name: string): string
  configure(config: object): void
  /** Records a run with one test file, and returns its id. */
  run(tests: Readonly<Record<string, RecordedTest>>, options?: RunOptions): Promise<string>
}

export interface RecordedTest {
  readonly verdict: Verdict
  /** The body of the test. */
  readonly create: () => unknown
}

export interface RunOptions {
  /** `false`: the run does not end, as when the main process was killed. */
  readonly ended?: Verdict | false
  readonly file?: string
}

/** By default the resources of passed tests are removed, and those of failed tests kept. */
export function openProject(config: object = {}): Project {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'dustpan-cli-')))
  const project: Project = {
    folder,
    ledger: join(folder, '.dustpan'),
    file(name) {
      const path = join(folder, name)
      writeFileSync(path, name)
      return path
    },
    configure(options) {
      const conditional = { strategy: 'conditional', retry: { attempts: 2, delay: 1 } }
      writeFileSync(join(folder, 'dustpan.config.json'), JSON.stringify({ cleanup: conditional, ...options }))
    },
    run: (tests, options) => record(folder, tests, options),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3' }))
  project.configure(config)
  return project
}

async function record(
  folder: string,
  tests: Readonly<Record<string, RecordedTest>>,
  { ended = 'passed', file: name = 'test/cart.test.ts' }: RunOptions = {},
): Promise<string> {
  const run = beginRun(await loadSettings(folder), 'vitest 5.1.1', { GITHUB_RUN_ID: 'build-77' })
  const session = await joinRun(run.ticket)
  const file = session.openScope(undefined, { kind: 'file', file: name, attempt: 0 })
  for (const [title, test] of Object.entries(tests))
    await recordTest(session.openScope(file, identity(name, title)), test)
  if (ended !== false) await file.close('passed', { willRetry: false })
  await session[Symbol.asyncDispose]()
  if (ended !== false) await run.end(ended)
  return run.ticket.run
}

const identity = (file: string, title: string) => ({ kind: 'test' as const, file, path: ['cart', title], attempt: 0 })

async function recordTest(scope: OpenScope, { verdict, create }: RecordedTest): Promise<void> {
  await scope.run(async () => create())
  await scope.close(verdict, { willRetry: false })
}
