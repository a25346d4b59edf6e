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

/** Begins a run each time that Vitest does, ends it when the workers are done, and prints what became of the data. */
export class DustpanReporter implements Reporter {
  readonly #vitest: Vitest
  readonly #settings: Settings
  #run: MainRun | undefined
  #begun = false

  constructor(vitest: Vitest, settings: Settings) {
    this.#vitest = vitest
    this.#settings = settings
  }

  /** @throws DustpanError when what `atStart` says is refused: no test is run. */
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
    const isFree = reportStream(entriesOf(config)) === process.stdout
    logger[isFree ? 'log' : 'error'](`${text}\n`)
  }
}

/** `outputFile` stands beside the reporters, for all or for each by its name. */
function entriesOf({ reporters, outputFile }: Vitest['config']): readonly ReporterEntry[] {
  return reporters.map((reporter) => {
    const [name, options] = Array.isArray(reporter) ? reporter : [reporter]
    const file = typeof outputFile === 'object' ? outputFile[name as keyof typeof outputFile] : outputFile
    return [name, { outputFile: file, ...(options as object) }]
  })
}
