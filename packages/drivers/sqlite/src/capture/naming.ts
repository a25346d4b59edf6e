/**
 * A connection's trigger that attributes changes made by a test's own client, in the log of a file whose changed rows are
 * restored.
 */
import type { CaptureSink } from '@dustpan/core/driver'
import { isInstalled } from '../application/inspect.ts'
import type { Client } from '../client.ts'
import { registry } from '../registry.ts'

export const namingTrigger = 'dustpan_named'

export function defineNames(client: Client, { currentScope }: Pick<CaptureSink, 'currentScope'>): void {
  client.define('dustpan_run', () => currentScope?.()?.run ?? null)
  client.define('dustpan_scope', () => currentScope?.()?.scope ?? null)
}

/** None if nothing is restored or logged. */
export function namingTriggers(client: Client): readonly string[] {
  const { restored } = registry()
  if (restored.size === 0) return []
  const [main] = client.all('PRAGMA database_list').filter(({ name }) => name === 'main')
  if (!restored.has(String(main?.file)) || !isInstalled(client)) return []
  return [
    `CREATE TEMP TRIGGER ${namingTrigger} AFTER INSERT ON main.dustpan_log WHEN NEW.run = '' AND dustpan_run() IS NOT NULL
      BEGIN UPDATE dustpan_log SET run = dustpan_run(), scope = dustpan_scope() WHERE id = NEW.id; END`,
  ]
}
