import { invalidArgument, prepareSettings, throwAtStart } from '@dustpan/core/runner'
import type { TestProject, Vitest } from 'vitest/node'
import { runsInOwnPool, warnOfCustomPool } from './custom-pool.ts'
import { addToProjects, projectsOf, setupFile } from './projects.ts'
import { DustpanReporter } from './reporter.ts'

/** The part of Vite's plugin type that Dustpan uses, so that any version of Vite fits. */
export interface DustpanPlugin {
  name: string
  config(config: object): void
  configureVitest(context: { vitest: Vitest; project: TestProject }): Promise<void>
}

const reporters = new WeakMap<Vitest, Promise<DustpanReporter>>()

/**
 * Tracks what tests create and removes it when they are over. The configuration is `dustpan.config.*` in Vitest's root or above;
 * without one, requests to this machine's origins and files are tracked.
 *
 * @example export default defineConfig({ plugins: [dustpan()] })
 * @throws DustpanError when Vitest starts, for a mistake in the configuration: nothing runs.
 * @throws TypeError `DUSTPAN_INVALID_ARGUMENT` for options: these belong in the configuration.
 */
export function dustpan(...none: readonly []): DustpanPlugin {
  if (none.length > 0)
    throw invalidArgument(
      'dustpan() takes no options.',
      'Put them into dustpan.config.ts: export default defineConfig({ … }).',
    )
  const plugin: DustpanPlugin = {
    name: 'dustpan',
    config: (config) => addToProjects(config, plugin),
    async configureVitest({ vitest, project }) {
      let reporter = reporters.get(vitest)
      if (!reporter) {
        reporter = prepareSettings(vitest.config.root).then(
          (settings) => new DustpanReporter(vitest, settings),
          throwAtStart,
        )
        reporters.set(vitest, reporter)
        vitest.config.reporters.push((await reporter) as never)
      }
      await reporter
      // By now, plugins that come later have set the pool too.
      for (const each of projectsOf(project, vitest)) (runsInOwnPool(each) ? addSetup : warnOfCustomPool)(each)
    },
  }
  return plugin
}

function addSetup({ config: { setupFiles }, vite }: TestProject): void {
  const setup = setupFile()
  if (setupFiles.includes(setup)) return
  // First, so that its hooks wrap those of the user's own setup files.
  setupFiles.unshift(setup)
  // For jsdom and happy-dom, Vite serves it as it would to a browser, and files outside the project only if they are allowed.
  vite.config.server.fs.allow.push(setup.replaceAll('\\', '/'))
}
