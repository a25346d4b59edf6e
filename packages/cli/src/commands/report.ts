import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { DustpanError } from '@dustpan/core'
import { type CleanupReport, readRecordedRun, renderings } from '@dustpan/core/ledger'
import { Option } from 'commander'
import type { Call, DefineCommand } from '../commands.ts'
import { type ExitCode, exitCode } from '../exit-code.ts'
import { findRun } from '../find-run.ts'
import { examples } from '../options.ts'
import { settingsForReading } from '../settings.ts'
import { withSharedRuns } from '../shared-runs.ts'

interface ReportOptions {
  readonly format: string
  readonly output?: string
}

export const defineReport: DefineCommand = (program, act) => {
  program
    .command('report')
    .summary('write the report of a run again, from the ledger')
    .description('Writes the report of a run again from the ledger, in another format or to another place.')
    .argument('[run]', 'run id, the start of one, or latest', 'latest')
    .addOption(new Option('--format <format>', 'output format').choices(Object.keys(renderings)).default('text'))
    .option('--output <file>', 'write to a file')
    .addHelpText(
      'after',
      examples([
        ['The newest run', 'dustpan report'],
        ['For a pull request', 'dustpan report --format markdown --output summary.md'],
        ['As a web page', 'dustpan report --format html --output dustpan.html'],
        ['For a CI system', 'dustpan report latest --format junit --output dustpan.xml'],
        ['As dustpan.report/1', 'dustpan report 20261121 --format json'],
      ]),
    )
    .action(act<ReportOptions>(withSharedRuns(report)))
}

async function report(call: Call<ReportOptions>): Promise<ExitCode> {
  const { argument = 'latest', options, terminal } = call
  const settings = await settingsForReading(call)
  const id = findRun(settings.dir, argument)
  if (id === undefined) throw noRuns(settings.dir)
  const text = render((await readRecordedRun(settings, id)).report, call)
  if (options.output === undefined) terminal.write(text)
  else writeOutput(resolve(options.cwd ?? '.', options.output), text)
  return exitCode.done
}

function render(report: CleanupReport, { options, terminal }: Call<ReportOptions>): string {
  const toFile = options.output !== undefined
  const rendering = renderings[options.json ? 'json' : options.format] as (typeof renderings)[string]
  const text = rendering(report, {
    color: terminal.colour && !toFile,
    width: toFile ? Number.POSITIVE_INFINITY : terminal.width,
    maxRemoved: Number.POSITIVE_INFINITY,
    maxLeft: Number.POSITIVE_INFINITY,
  })
  return text === '' ? `Dustpan  nothing was tracked in run ${report.run.id}\n` : `${text.trimEnd()}\n`
}

function writeOutput(file: string, text: string): void {
  try {
    writeFileSync(file, text)
  } catch (cause) {
    throw new DustpanError(
      'DUSTPAN_INVALID_ARGUMENT',
      `--output: ${file} could not be written: ${(cause as Error).message}`,
      {
        cause,
      },
    )
  }
}

function noRuns(dir: string): DustpanError {
  return new DustpanError('DUSTPAN_UNKNOWN_RUN', `${dir} has no runs.`, {
    hint: 'Use --dir or DUSTPAN_DIR for another ledger.',
  })
}
