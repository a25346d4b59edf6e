/** Ends the process when the configuration is invalid or the run is refused. */
import { writeSync } from 'node:fs'
import { startupError } from '@dustpan/core/begin'

/** Node 24 exits silently with success when a reporter fails to load, and prints source code when a test file's process throws. */
export function exitAtStart(error: unknown): never {
  const shownError = startupError(error)
  writeSync(process.stderr.fd, `${shownError instanceof Error ? shownError.stack : String(shownError)}\n`)
  process.exit(1)
}
