/** Finds stores whose client the project uses without a configured driver, so that nothing is tracked there. */
import { relative } from 'node:path'
import type { Settings } from '@dustpan/core/ledger'
import { installCommand, packageManagerOf } from '../../project/package-manager.ts'
import type { Project } from '../../project/project.ts'
import { driverCode, type FoundStore, storesIn } from '../../project/stores.ts'
import { type Check, warning } from '../check.ts'

export function missingDrivers(settings: Settings, project: Project, environment: NodeJS.ProcessEnv): readonly Check[] {
  const configured = new Set(settings.drivers.map(({ use }) => use))
  const missing = storesIn(project, environment).filter((store) => !configured.has(store.package))
  return missing.map((store) => missingDriver(store, settings, project))
}

function missingDriver(store: FoundStore, { file }: Settings, project: Project): Check {
  const message = `package.json lists ${store.client}, but no driver for it is configured: what tests create there is not tracked`
  const subject = `Driver ${store.driver}`
  if (file === undefined) return warning(subject, message, { run: 'npx dustpan init' })
  const install = installCommand(packageManagerOf(project), project, [store.package]).join(' ')
  const isInstalled = project.installed(store.package) !== undefined
  const place = relative(project.folder, file) || file
  return warning(subject, message, {
    fix: isInstalled ? `Add it to ${place}:` : `Install it, and add it to ${place}:`,
    run: `${isInstalled ? '' : `${install}\n\n`}${driverCode(store, file)}`,
  })
}
