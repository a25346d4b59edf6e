/** Writes down every event that Playwright has, in order. */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')

export default class Events {
  onBegin(config, suite) {
    mkdirSync(folder, { recursive: true })
    record(
      'begin',
      suite.allTests().map((test) => test.titlePath().join(' > ')),
      config.workers,
      config.globalTimeout,
    )
  }
  onTestBegin(test, result) {
    record('test begin', test.titlePath(), result.retry, result.workerIndex, result.parallelIndex)
  }
  onStepBegin(test, result, step) {
    record('step begin', step.titlePath(), step.category)
  }
  onStepEnd(test, result, step) {
    record('step end', step.titlePath(), step.category, step.error?.message)
  }
  onTestEnd(test, { status, errors, attachments, annotations, retry, steps }) {
    record(
      'test end',
      test.titlePath(),
      status,
      test.outcome(),
      test.ok(),
      errors,
      attachments.map(({ name }) => name),
      annotations,
      retry,
      steps.map(({ title }) => title),
      test.expectedStatus,
      test.timeout,
    )
  }
  onStdOut(chunk, test) {
    record('stdout', String(chunk), test?.title)
  }
  onStdErr(chunk, test) {
    record('stderr', String(chunk), test?.title)
  }
  onError(error) {
    record('error', error.message, error.stack)
  }
  onEnd({ status }) {
    record('end', status)
  }
  onExit() {
    record('exit')
  }
}

function record(...what) {
  // Of tests side by side.
  if (process.env.EVENTS === 'off') return
  appendFileSync(join(folder, 'events.log'), `${JSON.stringify(what)}\n`)
}
