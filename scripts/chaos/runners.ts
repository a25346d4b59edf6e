/** The runners of killed suites, and how each is started. */
import { type Dialect, dialects } from '@dustpan/conformance/runner'

export interface Runner {
  readonly dialect: Dialect
  readonly modes: readonly RunnerMode[]
}

export interface RunnerMode {
  readonly args: readonly string[]
  /** Whether tests run in the main process. */
  readonly alone: boolean
}

const wanted = [
  { mode: 'two workers', alone: false },
  { mode: 'two workers', alone: false },
  { mode: 'one process', alone: true },
  { mode: 'threads', alone: true },
] as const

/** Under these, a single process means a single worker. */
const neverAlone = ['vitest', 'playwright']

export const runners: readonly Runner[] = dialects.map((dialect) => ({
  dialect,
  modes: wanted.flatMap(({ mode, alone }) => {
    const args = dialect.modes[mode]?.[0]
    const isAlone = alone && !(mode === 'one process' && neverAlone.includes(dialect.name))
    return args ? [{ args: [...before(dialect), ...args], alone: isAlone }] : []
  }),
}))

/** A reporter for node:test: `node --test` loads nothing else into its main process. */
function before({ name, command }: Dialect): readonly string[] {
  if (name !== 'node:test') return command
  const ours = ['--test-reporter=./strike.mjs', '--test-reporter-destination=stderr']
  const theirs = ['--test-reporter-destination=stdout']
  return command.flatMap((argument) =>
    argument.startsWith('--test-reporter=') ? [...ours, argument, ...theirs] : argument,
  )
}
