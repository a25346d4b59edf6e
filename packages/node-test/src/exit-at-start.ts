/** A mistake in the configuration, or what is refused: nothing runs. */
import { writeSync } from 'node:fs'
import { startupError } from '@dustpan/core/begin'

/** Node 24 ends in silence, and as if all was well, when a reporter cannot be loaded; of what a test file's process throws it shows the source. */
export function exitAtStart(error: unknown): never {
  const told = startupError(error)
  writeSync(process.stderr.fd, `${told instanceof Error ? told.stack : String(told)}\n`)
  process.exit(1)
}
