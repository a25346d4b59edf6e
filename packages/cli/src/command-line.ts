import { Command, CommanderError } from 'commander'
import { type Act, commands } from './commands.ts'
import { exitCode } from './exit-code.ts'
import { errorJson, printError } from './print-error.ts'
import { refuseEmptyArguments, refuseEmptyOptions } from './refuse-empty.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import { version } from './version.ts'

/** Runs a command line (without `node` and the script) and resolves to the process's exit code. Never rejects. */
export async function runCommandLine(args: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  let code: number = exitCode.done
  let hasWritten = false
  const output: Terminal = {
    ...terminal,
    write(text) {
      hasWritten = true
      terminal.write(text)
    },
  }
  const act: Act =
    (carryOut) =>
    async (...given) => {
      // The command's arguments, its options, and itself.
      const command = given.at(-1) as Command
      const all = given.slice(0, -2).flat().filter(isGiven)
      refuseEmptyArguments(command, all)
      const call = { argument: all[0], arguments: all, terminal: output, environment: process.env }
      code = await carryOut({ ...call, options: command.optsWithGlobals() })
    }
  try {
    await program(act, output).parseAsync(args.length === 0 ? ['--help'] : args, { from: 'user' })
    return terminal.interrupted ? exitCode.interrupted : code
  } catch (error) {
    if (wantsJson(args) && !hasWritten && !isHelp(error)) terminal.write(errorJson(error))
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.wrong
    return printError(error, terminal)
  }
}

const isHelp = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0

/** Arguments after `--` belong to another command. */
const wantsJson = (args: readonly string[]): boolean =>
  (args.includes('--') ? args.slice(0, args.indexOf('--')) : args).includes('--json')

const isGiven = (argument: unknown): argument is string => argument !== undefined

function program(act: Act, terminal: Terminal): Command {
  const program = new Command('dustpan')
    .description('Shows and removes what tests created and left behind.')
    .option('--json', 'print JSON')
    .option('--dir <folder>', 'ledger folder (default: DUSTPAN_DIR, or .dustpan next to the configuration)')
    .option('--cwd <folder>', 'search for the configuration from this folder upwards')
    .version(version())
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: terminal.write,
      writeErr: terminal.writeError,
      getOutHelpWidth: () => terminal.width,
      getErrHelpWidth: () => terminal.width,
    })
    .addHelpText('after', exitCodes)
    .exitOverride()
  for (const define of commands) define(program, act)
  refuseEmptyOptions(program)
  return program
}

const exitCodes = `
Exit codes:
  0    done
  1    something is left
  2    wrong usage or configuration
  3    refused by the guard: production, or a host that is not allowed
  130  interrupted by Ctrl-C`
