/** `dustpan whose`: shows where a resource came from. Queries no store. */
import { resolve } from 'node:path'
import { type FoundRecords, findRecords, listRuns, type ResourceRecord } from '@dustpan/core/ledger'
import type { WhoseOptions } from '../commands/whose.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { settingsForReading } from '../settings.ts'
import { soughtBy } from './sought.ts'
import { foundText, noRecordText } from './whose-text.ts'

export async function whose(call: Call<WhoseOptions>): Promise<ExitCode> {
  const { options, terminal, arguments: words } = call
  const sought = soughtBy(words, resolve(options.cwd ?? '.'))
  const settings = await settingsForReading(call)
  const found: (FoundRecords & { readonly record: ResourceRecord })[] = []
  for await (const { run, records } of findRecords(settings, sought)) {
    for (const record of [...records].reverse()) found.push({ run, records, record })
    if (found.length >= options.limit) break
  }
  const shown = found.slice(0, options.limit)
  const looked = { dir: settings.dir, runs: listRuns(settings.dir).length }
  if (options.json) terminal.write(json({ found: shown.map(({ record }) => record), looked }))
  else if (shown.length > 0) terminal.write(foundText(shown, terminal))
  else terminal.writeError(noRecordText(words.join(' '), looked))
  return shown.length > 0 ? exitCode.done : exitCode.left
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
