/**
 * A connection's trigger that announces the run of a test's own client in a file with a log, so that no other run takes its rows.
 * Runs in the writing transaction, as nothing can be awaited. Does nothing if a process of the run has announced it.
 */
import { isInstalled } from '../application/inspect.ts'
import type { Client } from '../client.ts'

export const presenceTrigger = 'dustpan_present'

const heartbeatMs = 60_000

/** None if nothing is logged. */
export function presenceTriggers(client: Client): readonly string[] {
  if (!isInstalled(client)) return []
  return [
    `CREATE TEMP TRIGGER ${presenceTrigger} AFTER INSERT ON main.dustpan_log WHEN dustpan_run() IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM dustpan_writer WHERE run = dustpan_run() AND ended IS NULL AND seen > NEW.at - ${heartbeatMs})
      BEGIN INSERT INTO dustpan_writer (run, writer, began, seen) VALUES (dustpan_run(), '', NEW.at, NEW.at)
        ON CONFLICT (run, writer) DO UPDATE SET seen = excluded.seen, ended = NULL; END`,
  ]
}
