import { DustpanError } from '@dustpan/core'
import { listRuns, readRecordedRun } from '@dustpan/core/ledger'
import type { Call, DefineCommand } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { runText } from '../list/run-text.ts'
import { runsText } from '../list/runs-text.ts'
import { summariseRun } from '../list/summarise-run.ts'
import { examples, list, positive, stateList } from '../options.ts'
import { type Filters, noneChosen, select } from '../select.ts'
import { settingsForReading } from '../settings.ts'
import { withSharedRuns } from '../shared-runs.ts'

interface ListOptions extends Filters {
  readonly all?: true
  readonly limit: number
}

export const defineList: DefineCommand = (program, act) => {
  program
    .command('list')
    .summary('list runs, or what a run left')
    .description('Lists the runs of the ledger, or everything of one run that is not removed.')
    .argument('[run]', 'run id, the start of one, or latest')
    .option('--all', 'also show what was removed')
    .option('--state <states>', 'only these states: kept,failed', stateList)
    .option('--type <type>', 'only this type; repeatable', list)
    .option('--test <text>', 'only tests whose file or titles contain this')
    .option('--limit <number>', 'number of runs', positive, 20)
    .addHelpText(
      'after',
      examples([
        ['The runs, newest first', 'dustpan list'],
        ['What the newest run left', 'dustpan list latest'],
        ['Only what was kept or could not be removed', 'dustpan list latest --state kept,failed'],
        ['Every record in full', 'dustpan list 20261121 --all --json'],
      ]),
    )
    .action(
      act<ListOptions>(
        withSharedRuns((call) => (call.argument === undefined ? listUnfiltered(call) : listRun(call, call.argument))),
      ),
    )
}

async function listAllRuns(call: Call<ListOptions>): Promise<ExitCode> {
  const { options, terminal } = call
  const { dir } = await settingsForReading(call)
  const all = listRuns(dir)
  const runs = all.slice(0, options.limit).map(({ id }) => summariseRun(dir, id))
  terminal.write(options.json ? json(runs) : runsText(runs, { dir, older: all.length - runs.length }, terminal))
  return exitCode.done
}

/** @throws DustpanError `DUSTPAN_INVALID_ARGUMENT` */
async function listUnfiltered(call: Call<ListOptions>): Promise<ExitCode> {
  const { type, test, state } = call.options
  if (type === undefined && test === undefined && state === undefined) return listAllRuns(call)
  throw new DustpanError('DUSTPAN_INVALID_ARGUMENT', '--state, --type and --test filter the resources of one run.', {
    hint: 'Give the run: dustpan list latest --type order',
  })
}

async function listRun(call: Call<ListOptions>, wanted: string): Promise<ExitCode> {
  const { options, terminal } = call
  const settings = await settingsForReading(call)
  const id = findRun(settings.dir, wanted)
  if (id === undefined) return listAllRuns(call)
  const run = await readRecordedRun(settings, id)
  const everything = options.all === true || options.state !== undefined
  const records = select(run.records, options).filter(({ state }) => everything || !removed.has(state))
  const none = noneChosen(run.records, options)
  if (none !== undefined) terminal.writeError(`dustpan: ${none}\n`)
  const { intents, warnings, totals } = run.report
  terminal.write(
    options.json
      ? json({ run: run.report.run, totals, resources: records, intents, warnings })
      : runText(run, records, terminal),
  )
  return exitCode.done
}

const removed: ReadonlySet<string> = new Set(['removed', 'already-gone', 'gone'])

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`
