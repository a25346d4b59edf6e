/** Patches the class of the Mocha that runs this process, for events that Mocha does not offer to plugins. */
import { createRequire } from 'node:module'
import type { Suite } from './mocha.ts'

export interface MochaInstance {
  readonly version: string
  readonly suite: Suite
  readonly options: { readonly parallel?: boolean; readonly watch?: boolean }
  run(done?: Done): unknown
  runGlobalSetup(context?: object): unknown
}

type Done = (failures: number) => void

/** All are called in the async context in which Mocha continues. */
export interface MochaEvents {
  /** All files are loaded, and no test or hook has run. */
  ready(root: Suite): void
  /** Before the global fixtures: in watch mode once, before all runs. */
  globalSetup?(): void
  /** A run begins. Its files are loaded, except in watch mode. */
  begin?(mocha: MochaInstance): void
  /** Everything is over, including global teardown. Resolves to the number of failures that Mocha exits with. */
  end?(failures: number): Promise<number>
}

/** Mocha's main file has been a CommonJS module in every version so far. */
export function loadedMocha(): MochaInstance {
  const { cache } = createRequire(import.meta.url)
  const file = Object.keys(cache).find((name) => /[\\/]mocha[\\/]lib[\\/]mocha\.c?js$/.test(name))
  const loaded = file === undefined ? undefined : (cache[file]?.exports as { prototype: MochaInstance })
  if (loaded === undefined)
    throw new Error('No Mocha is loaded in this process, or one that Dustpan does not know: it works with 11 and 12.')
  return loaded.prototype
}

/** Ignores Mocha instances that tests create themselves. */
export function followMocha(mocha: MochaInstance, { ready, globalSetup, begin, end }: MochaEvents): void {
  const { run, runGlobalSetup } = mocha
  let running: MochaInstance | undefined
  mocha.runGlobalSetup = function (context) {
    if (running === undefined || running === this) globalSetup?.()
    return runGlobalSetup.call(this, context)
  }
  mocha.run = function (done) {
    if (running !== undefined) return run.call(this, done)
    running = this
    begin?.(this)
    const finish: Done = (failures) => {
      running = undefined
      done?.(failures)
    }
    const runner = run.call(
      this,
      end
        ? (failures) =>
            void end(failures)
              .catch(() => failures)
              .then(finish)
        : finish,
    )
    ready(this.suite)
    return runner
  }
}
