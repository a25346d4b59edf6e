import type { EnvironmentClass, EnvironmentConfig } from './jest.ts'
import { watchRuntimes } from './modules.ts'
import { trackFile } from './track-file.ts'

/**
 * Adds tracking to any Jest environment.
 *
 * @example export default wrapEnvironment(PuppeteerEnvironment)
 */
export function wrapEnvironment<Base>(Base: Base): Base {
  class Tracked extends (Base as EnvironmentClass) {
    readonly #config: EnvironmentConfig
    readonly #testPath: string

    constructor(config: EnvironmentConfig, context: { readonly testPath: string }) {
      super(config, context)
      watchRuntimes()
      this.#config = config
      this.#testPath = context.testPath
    }

    /** Not in the constructor: a subclass may define `handleTestEvent` as a field. */
    override async setup(): Promise<void> {
      trackFile(this, this.#config.projectConfig, this.#testPath)
      await super.setup()
    }
  }
  return Tracked as Base
}
