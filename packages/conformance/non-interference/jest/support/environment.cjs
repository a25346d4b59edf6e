const { TestEnvironment } = require('jest-environment-node')
const { appendFileSync, mkdirSync } = require('node:fs')
const { join } = require('node:path')

/** A custom environment, which writes down every event of jest-circus. */
module.exports = class Custom extends TestEnvironment {
  constructor(config, context) {
    super(config, context)
    this.global.fromEnvironment = JSON.stringify(config.projectConfig.testEnvironmentOptions)
    this.folder = join(process.cwd(), 'observed', process.env.OBSERVED ?? 'run')
    mkdirSync(this.folder, { recursive: true })
  }
  async handleTestEvent(event, state) {
    const { name, test, hook, describeBlock } = event
    const about = test?.name ?? hook?.type ?? describeBlock?.name ?? ''
    const errors = test?.errors?.length ?? ''
    appendFileSync(join(this.folder, 'circus.log'), `${name} ${about} ${errors} ${state.unhandledErrors?.length}\n`)
  }
}
