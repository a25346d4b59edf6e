import {
  beginRun,
  concludeRun,
  endOnInterruption,
  type MainRun,
  passTicket,
  prepareSettings,
  sweepAtStart,
  throwAtStart,
  type Verdict,
} from '@dustpan/core/runner'
import type { FullConfig, FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { tellWithoutFixtures } from './incomplete.ts'
import { type Attempts, attempts } from './tried-again.ts'

/** What Playwright tells a reporter beside the user's own options. */
interface ReporterOptions {
  readonly configDir?: string
  /** `list` and `merge` run no tests. */
  readonly _mode?: string
}

const verdicts: Readonly<Record<FullResult['status'], Verdict>> = {
  passed: 'passed',
  failed: 'failed',
  timedout: 'interrupted',
  interrupted: 'interrupted',
}

interface Begun {
  readonly run: MainRun
  readonly passed: Disposable
  readonly signals: Disposable
  readonly attempts: Attempts
}

/** Begins a run before the first worker starts, ends it when the last one is done, and prints what became of the data. */
export class DustpanReporter implements Reporter {
  readonly #configDir: string
  readonly #runsTests: boolean
  #ranTests = false
  #begun: Begun | undefined

  constructor({ configDir = process.cwd(), _mode = 'test' }: ReporterOptions = {}) {
    this.#configDir = configDir
    this.#runsTests = _mode === 'test'
  }

  /** @throws DustpanError for a mistake in the configuration, or what is refused: no test is run. */
  async preprocess({ config }: { config: FullConfig }): Promise<void> {
    if (!this.#runsTests) return
    const settings = await prepareSettings(this.#configDir).catch(throwAtStart)
    await sweepAtStart(settings).catch(throwAtStart)
    const run = beginRun(settings, `playwright ${config.version}`)
    // Playwright ends the run in order by itself.
    const signals = endOnInterruption({ ticket: () => run.ticket, signals: ['SIGINT'], print })
    this.#begun = { run, passed: passTicket(run.ticket), signals, attempts: attempts(settings.root, config) }
    await run.announce()
  }

  onTestBegin(test: TestCase, { retry }: TestResult): void {
    this.#ranTests = true
    this.#begun?.attempts.begun(test, retry)
  }

  async onEnd({ status }: FullResult): Promise<{ status?: FullResult['status'] } | undefined> {
    if (!this.#begun) return undefined
    const { run, passed, signals, attempts } = this.#begun
    this.#begun = undefined
    passed[Symbol.dispose]()
    const { report, fails } = await concludeRun(run, verdicts[status], print, attempts.triedAgain)
    signals[Symbol.dispose]()
    if (!report && this.#ranTests && !run.ticket.settings.disabled) tellWithoutFixtures()
    return fails ? { status: 'failed' } : undefined
  }

  /** The runner's own progress is wanted beside this one. */
  printsToStdio(): boolean {
    return false
  }
}

const print = (text: string): void => console.log(`\n${text}\n`)
