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
import type { FullConfig, FullResult, Reporter } from '@playwright/test/reporter'
import { tellWithoutFixtures } from './incomplete.ts'

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

/** Begins a run before the first worker starts, ends it when the last one is done, and prints what became of the data. */
export class DustpanReporter implements Reporter {
  readonly #configDir: string
  readonly #runsTests: boolean
  #ranTests = false
  #begun: { readonly run: MainRun; readonly passed: Disposable; readonly signals: Disposable } | undefined

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
    this.#begun = { run, passed: passTicket(run.ticket), signals }
    await run.announce()
  }

  onTestBegin(): void {
    this.#ranTests = true
  }

  async onEnd({ status }: FullResult): Promise<{ status?: FullResult['status'] } | undefined> {
    if (!this.#begun) return undefined
    const { run, passed, signals } = this.#begun
    this.#begun = undefined
    passed[Symbol.dispose]()
    const { report, fails } = await concludeRun(run, verdicts[status], print)
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
