/**
 * A test's own client says in a file with a log that its run is at work there, so that no other run takes its rows: by a trigger of its connection,
 * in the transaction that writes, as nothing can be waited for. Not where a process of the run has said so.
 */
import { isInstalled } from '../application/inspect.ts'
import type { Client } from '../client.ts'

export const presenceTrigger = 'dustpan_present'

const signOfLifeMs = 60_000

/** None where nothing is logged. */
export function presenceTriggers(client: Client): readonly string[] {
  if (!isInstalled(client)) return []
  return [
    `CREATE TEMP TRIGGER ${presenceTrigger} AFTER INSERT ON main.dustpan_log WHEN dustpan_run() IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM dustpan_writer WHERE run = dustpan_run() AND ended IS NULL AND seen > NEW.at - ${signOfLifeMs})
      BEGIN INSERT INTO dustpan_writer (run, writer, began, seen) VALUES (dustpan_run(), '', NEW.at, NEW.at)
        ON CONFLICT (run, writer) DO UPDATE SET seen = excluded.seen, ended = NULL; END`,
  ]
}
