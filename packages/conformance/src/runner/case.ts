/** A case of what can happen in a test run, written once for all runners. */
import type { Api } from '../api.ts'
import type { Project } from '../project.ts'
import type { Sent } from './sent.ts'

/** How to start a runner when its defaults do not fit. The dialect knows the arguments. */
export type Mode =
  | 'default'
  | 'bail'
  | 'only'
  | 'shards'
  | 'watch'
  | 'two workers'
  | 'one process'
  | 'threads'
  | 'processes'
  | 'vm pools'
  | 'short timeout'

export interface Case {
  readonly name: string
  /** Test files by name, written with the functions of `preludes/`. */
  readonly files: Readonly<Record<string, string>>
  /** Modules beside the test files, written verbatim. */
  readonly modules?: Readonly<Record<string, string>>
  /** Configures the service that the test files use; their paths begin with their names. */
  readonly service?: (api: Api) => void
  /** If absent, the case runs together with others that need no special set-up. */
  readonly alone?: Alone
  readonly expected: Expected
}

export interface Alone {
  /** @default 'default' */
  readonly mode?: Mode
  /** Overrides of the configuration's `cleanup`. */
  readonly cleanup?: Readonly<Record<string, unknown>>
  /** Additional configuration: lines of JavaScript. */
  readonly config?: string
  /** Additional environment variables of the runner. */
  readonly env?: Readonly<Record<string, string>>
  /** The service writes notes to PostgreSQL, whose log Dustpan collects or leaves to others. */
  readonly application?: 'collected' | 'left to others'
  /** The ledger is shared, on PostgreSQL. */
  readonly shared?: true
  /** Runs before the runner starts. */
  readonly before?: (project: Project, env: Record<string, string>) => Promise<unknown>
  /** Runs while the runner is running. */
  readonly during?: (stage: Stage) => Promise<void>
  /** Whether the command line cleans the runs before the result is observed. */
  readonly clean?: boolean
}

/** A running runner. */
export interface Stage {
  readonly api: Api
  readonly project: Project
  /** Signals the whole process group, as a terminal does. */
  signal(name: NodeJS.Signals): void
  /** Waits until the condition holds, or the runner has ended. */
  until(so: () => boolean): Promise<void>
}

export interface Expected {
  /** `title #attempt (verdict): outcomes of its resources`; resources of no single test are listed under `shared`. */
  readonly ledger: readonly string[]
  /** What is left in the service, in PostgreSQL and in SQLite. @default nothing */
  readonly left?: readonly string[]
  /**
   * The kind of the runner's exit. Cases that run together fail, as some of them do; no case expects `never ends`.
   * @default 'fails'
   */
  readonly exit?: 'passes' | 'fails' | 'never ends'
  /** The number of written reports. @default 1 */
  readonly runs?: number
  /** The number of creates with unknown outcome. @default 0 */
  readonly intents?: number
  /** How much of the record has arrived in the shared ledger. @default 'not at all' */
  readonly sent?: Sent
  /** Texts in the output. @default none in particular */
  readonly says?: readonly string[]
}
