/** `dustpan verify`: compares the record with the stores. Changes nothing. */
import { openLedgerRun, type Resource, type Sighting } from '@dustpan/core/ledger'
import type { VerifyOptions } from '../commands/verify.ts'
import type { Call } from '../commands.ts'
import { type ExitCode, exitCode, isRefusal } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { patienceMs } from '../patience.ts'
import { noneChosen, select } from '../select.ts'
import { settingsFor } from '../settings.ts'
import { type Compared, compare } from './compare.ts'
import { verifyJson, verifyText } from './verify-output.ts'

export async function verify(call: Call<VerifyOptions>): Promise<ExitCode> {
  const { argument = 'latest', options, terminal } = call
  const settings = await settingsFor(call)
  const id = findRun(settings.dir, argument)
  const opened =
    id === undefined ? undefined : await openLedgerRun(settings, { run: id, runner: 'dustpan verify' }, 'cli')
  if (!opened) {
    terminal.write(options.json ? verifyJson(null, []) : `Nothing to verify: ${settings.dir} has no runs.\n`)
    return exitCode.done
  }
  await using run = opened
  const { id: name, resources } = run.folded()
  const all = run.records()
  const records = select(all, options)
  const none = noneChosen(all, options)
  if (none !== undefined) terminal.writeError(`dustpan: ${none}\n`)
  const verifiable = records
    .flatMap((record) => resources.get(record.id) ?? [])
    .filter(isVerifiable(resources.values()))
  const compared = compare(records, await run.presence(verifiable, patienceMs))
  terminal.write(options.json ? verifyJson(name, compared) : verifyText(name, compared, terminal))
  return exitFor(compared)
}

/**
 * Only the latest resource of a key can be verified: an earlier one says nothing about the current row. Resources without a
 * removal never can.
 */
function isVerifiable(all: Iterable<Resource>): (resource: Resource) => boolean {
  const latest = new Map<string, Resource>()
  for (const resource of all) {
    const known = latest.get(nameOf(resource))
    if (!known || known.order < resource.order) latest.set(nameOf(resource), resource)
  }
  return (resource) => resource.set.steps.length > 0 && latest.get(nameOf(resource)) === resource
}

const nameOf = ({ set, key }: Resource): string => JSON.stringify([set.store.id, set.type, key])

function exitFor(compared: readonly Compared[]): ExitCode {
  const codes = compared.map(({ sighting }: { readonly sighting: Sighting }) => sighting.code)
  if (codes.some(isRefusal)) return exitCode.refused
  const isStillThere = compared.some(({ mismatch }) => mismatch === 'still there')
  return isStillThere || codes.some((code) => code !== undefined) ? exitCode.left : exitCode.done
}
