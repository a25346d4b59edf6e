/** `dustpan inspect`: shows what a test created, and what is left of it. Queries no store. */
import type { InspectOptions } from '../commands/inspect.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsForReading } from '../settings.ts'
import { findTests } from './find-tests.ts'
import { inspectJson } from './inspect-json.ts'
import { inspectText } from './inspect-text.ts'

export async function inspect(call: Call<InspectOptions>): Promise<ExitCode> {
  const { argument = '', options, terminal } = call
  const settings = await settingsForReading(call)
  const found = await findTests(settings, argument, options.run)
  if (options.json) terminal.write(`${JSON.stringify(inspectJson(found), null, 2)}\n`)
  else if (found) terminal.write(inspectText(found, argument, terminal))
  else terminal.writeError(nothingText(argument, options.run ?? settings.dir))
  return found ? exitCode.done : exitCode.left
}

const nothingText = (text: string, where: string): string =>
  `No test in ${where} with ${JSON.stringify(text)} in its file or titles created anything.\n`
