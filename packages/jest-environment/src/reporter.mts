import { constants } from 'node:os'
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
import { blockIfInterrupted, drainSession, leaveSession } from './drain.ts'
import { warnWithoutRunner } from './incomplete.ts'
import type { GlobalConfig, ProjectConfig, Results } from './jest.ts'
import { requireOfJest } from './running-jest.ts'
import { followWorkers, type Workers } from './workers.ts'

/**
 * Begins a Dustpan run with each run of Jest, ends it when the tests are over, and prints the cleanup report.
 *
 * @example reporters: ['default', '@dustpan/jest-environment/reporter']
 */
export default class DustpanReporter {
  readonly #config: GlobalConfig
  #underway: { readonly run: MainRun; readonly workers: Workers; readonly ticket: Disposable } | undefined
  #error: Error | undefined
  #signals: Disposable | undefined

  constructor(config: GlobalConfig) {
    this.#config = config
  }

  /** @throws DustpanError for a mistake in the configuration: nothing runs. */
  async onRunStart(): Promise<void> {
    const settings = await prepareSettings(this.#config.rootDir).catch(throwAtStart)
    await sweepAtStart(settings).catch(throwAtStart)
    const { version } = requireOfJest('@jest/core/package.json') as { version: string }
    const run = beginRun(settings, `jest ${version}`)
    await run.announce()
    const workers = followWorkers(run.ticket.run)
    this.#underway = { run, workers, ticket: passTicket(run.ticket) }
    // In watch mode Jest reads the keyboard.
    if (!this.#config.watch && !this.#config.watchAll) this.#signals = this.#endOnInterruption(run, workers)
  }

  onTestFileStart(): Promise<never> | undefined {
    return blockIfInterrupted()
  }

  async onRunComplete(
    contexts: Iterable<{ readonly config: ProjectConfig }>,
    { numFailedTests, numRuntimeErrorTestSuites }: Results,
  ): Promise<void> {
    await blockIfInterrupted()
    this.#signals?.[Symbol.dispose]()
    const report = await this.#conclude(numFailedTests + numRuntimeErrorTestSuites > 0 ? 'failed' : 'passed')
    if (report === 'nothing') warnWithoutRunner([...contexts].map(({ config }) => config))
  }

  /** An error makes Jest end with exit code 1. */
  getLastError(): Error | undefined {
    return this.#error
  }

  #endOnInterruption({ ticket }: MainRun, workers: Workers): Disposable {
    return endOnInterruption({
      ticket: () => ticket,
      end: async () => {
        await Promise.all([drainSession(), workers.drain()])
        await this.#conclude('interrupted')
      },
      print,
      exit(signal) {
        workers.kill()
        process.exit(128 + constants.signals[signal])
      },
    })
  }

  async #conclude(verdict: Verdict): Promise<'nothing' | undefined> {
    if (!this.#underway) return undefined
    const { run, workers, ticket } = this.#underway
    workers[Symbol.dispose]()
    ticket[Symbol.dispose]()
    await leaveSession()
    const { report, fails } = await concludeRun(run, verdict, print)
    this.#error = fails ? new Error('Dustpan could not remove everything that the tests created.') : undefined
    return report || run.ticket.settings.disabled ? undefined : 'nothing'
  }
}

/** Jest's own reporters print to standard error too. */
const print = (text: string): void => void process.stderr.write(`${text}\n`)
