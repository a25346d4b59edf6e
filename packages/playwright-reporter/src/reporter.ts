import {
  beginRun,
  concludeRun,
  endOnInterruption,
  type MainRun,
  passTicket,
  prepareSettings,
  reportStream,
  sweepAtStart,
  throwAtStart,
  type Verdict,
} from '@dustpan/core/runner'
import type { FullConfig, FullResult, Reporter, TestCase, TestResult } from '@playwright/test/reporter'
import { type Attempts, attempts } from './attempts.ts'
import { warnWithoutFixtures } from './incomplete.ts'

/** Options that Playwright adds to the user's own. */
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
  readonly passedTicket: Disposable
  readonly signals: Disposable
  readonly print: (text: string) => void
  readonly attempts: Attempts
}

/** Begins a run before the first worker starts, ends it when the last one is done, and prints the cleanup report. */
export class DustpanReporter implements Reporter {
  readonly #configDir: string
  readonly #runsTests: boolean
  #ranTests = false
  #begun: Begun | undefined

  constructor({ configDir = process.cwd(), _mode = 'test' }: ReporterOptions = {}) {
    this.#configDir = configDir
    this.#runsTests = _mode === 'test'
  }

  /** @throws DustpanError for a mistake in the configuration, or a refused access or cleanup: no test is run. */
  async preprocess({ config }: { config: FullConfig }): Promise<void> {
    if (!this.#runsTests) return
    const settings = await prepareSettings(this.#configDir).catch(throwAtStart)
    await sweepAtStart(settings).catch(throwAtStart)
    const run = beginRun(settings, `playwright ${config.version}`)
    // No `end`: Playwright itself ends an interrupted run in order.
    const print = printer(config)
    const signals = endOnInterruption({ ticket: () => run.ticket, signals: ['SIGINT'], print })
    const passedTicket = passTicket(run.ticket)
    this.#begun = { run, passedTicket, signals, print, attempts: attempts(settings.root, config) }
    await run.announce()
  }

  onTestBegin(test: TestCase, { retry }: TestResult): void {
    this.#ranTests = true
    this.#begun?.attempts.begun(test, retry)
  }

  async onEnd({ status }: FullResult): Promise<{ status?: FullResult['status'] } | undefined> {
    if (!this.#begun) return undefined
    const { run, passedTicket, signals, print, attempts } = this.#begun
    this.#begun = undefined
    passedTicket[Symbol.dispose]()
    const { report, fails } = await concludeRun(run, verdicts[status], print, attempts.wasRetried)
    signals[Symbol.dispose]()
    if (!report && this.#ranTests && !run.ticket.settings.disabled) warnWithoutFixtures()
    return fails ? { status: 'failed' } : undefined
  }

  /** False, so that Playwright keeps printing its own progress. */
  printsToStdio(): boolean {
    return false
  }
}

function printer({ reporter }: FullConfig): (text: string) => void {
  const stream = reportStream(reporter.map(([name, options]) => [name, { outputFile: fileFor(name), ...options }]))
  return (text) => void stream.write(`\n${text}\n\n`)
}

/** Playwright also reads the output file from the environment. */
const fileFor = (reporter: string): string | undefined =>
  ['FILE', 'NAME'].map((suffix) => process.env[`PLAYWRIGHT_${reporter.toUpperCase()}_OUTPUT_${suffix}`]).find(Boolean)
