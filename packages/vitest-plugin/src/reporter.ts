import type { Settings } from '@dustpan/core/ledger'
import {
  beginRun,
  concludeRun,
  type MainRun,
  type ReporterEntry,
  reportStream,
  sweepAtStart,
  type Verdict,
} from '@dustpan/core/runner'
import type { Reporter, TestRunEndReason, Vitest } from 'vitest/node'
import { endGracefullyOnInterrupt } from './interrupt.ts'

const verdicts: Readonly<Record<TestRunEndReason, Verdict>> = {
  passed: 'passed',
  failed: 'failed',
  interrupted: 'interrupted',
}

/** Begins a Dustpan run with each run of Vitest, ends it when the workers are done, and prints the cleanup report. */
export class DustpanReporter implements Reporter {
  readonly #vitest: Vitest
  readonly #settings: Settings
  #run: MainRun | undefined
  #begun = false

  constructor(vitest: Vitest, settings: Settings) {
    this.#vitest = vitest
    this.#settings = settings
  }

  /** @throws DustpanError when the cleanup configured by `atStart` is refused: no test is run. */
  async onTestRunStart(): Promise<void> {
    if (!this.#begun) {
      endGracefullyOnInterrupt(this.#vitest, () => this.#run?.ticket)
      await sweepAtStart(this.#settings)
    }
    this.#begun = true
    this.#run = beginRun(this.#settings, `vitest ${this.#vitest.version}`)
    await this.#run.announce()
    const { ticket } = this.#run
    for (const project of this.#vitest.projects) {
      project.provide('dustpan', { ticket, vm: String(project.config.pool).startsWith('vm') })
    }
  }

  async onTestRunEnd(_modules: unknown, _errors: unknown, reason: TestRunEndReason): Promise<void> {
    if (!this.#run) return
    const run = this.#run
    this.#run = undefined
    const { fails } = await concludeRun(run, verdicts[reason], this.#print)
    if (fails) process.exitCode = 1
  }

  readonly #print = (text: string): void => {
    const { logger, config } = this.#vitest
    const isStdoutFree = reportStream(entriesOf(config)) === process.stdout
    logger[isStdoutFree ? 'log' : 'error'](`${text}\n`)
  }
}

/** `outputFile` is an option beside `reporters`: one file for all, or one per reporter name. */
function entriesOf({ reporters, outputFile }: Vitest['config']): readonly ReporterEntry[] {
  return reporters.map((reporter) => {
    const [name, options] = Array.isArray(reporter) ? reporter : [reporter]
    const file = typeof outputFile === 'object' ? outputFile[name as keyof typeof outputFile] : outputFile
    return [name, { outputFile: file, ...(options as object) }]
  })
}
