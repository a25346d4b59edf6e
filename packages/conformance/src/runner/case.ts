/** What can happen in a test run, told once for all runners. */
import type { Api } from '../api.ts'
import type { Project } from '../project.ts'
import type { Sent } from './sent.ts'

/** How a runner is started, where its defaults will not do. Which arguments that takes is the dialect's to know. */
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
  /** Test files by their names, in the words of `preludes/`. */
  readonly files: Readonly<Record<string, string>>
  /** Modules beside the test files, as they are. */
  readonly modules?: Readonly<Record<string, string>>
  /** Behaviour of the service that the test files create things in; theirs are the paths below their names. */
  readonly service?: (api: Api) => void
  /** Absent: runs together with the other cases that need nothing of their own. */
  readonly alone?: Alone
  readonly expected: Expected
}

export interface Alone {
  /** @default 'default' */
  readonly mode?: Mode
  /** Of the configuration's `cleanup`, over the common one. */
  readonly cleanup?: Readonly<Record<string, unknown>>
  /** More of the configuration, over the common one: lines of JavaScript. */
  readonly config?: string
  /** Of the runner, over the common one. */
  readonly env?: Readonly<Record<string, string>>
  /** The service writes notes to PostgreSQL, whose log Dustpan collects; or leaves to others. */
  readonly application?: 'collected' | 'left to others'
  /** What is recorded is sent to PostgreSQL, as to a ledger that machines share. */
  readonly shared?: true
  /** What has happened before the runner starts. */
  readonly before?: (project: Project, env: Record<string, string>) => Promise<unknown>
  /** What happens while the runner runs. */
  readonly during?: (stage: Stage) => Promise<void>
  /** Whether the runs' data is removed from the command line before it is looked for. */
  readonly clean?: boolean
}

/** A runner under way. */
export interface Stage {
  readonly api: Api
  readonly project: Project
  /** To the whole group, as a terminal sends it. */
  signal(name: NodeJS.Signals): void
  /** Waits until it is so, or the runner has ended. */
  until(so: () => boolean): Promise<void>
}

export interface Expected {
  /** `title #attempt (verdict): what became of its things`; things of no single test stand under `shared`. */
  readonly ledger: readonly string[]
  /** What is there afterwards: in the service, in PostgreSQL, in SQLite. @default nothing */
  readonly left?: readonly string[]
  /**
   * Whether the runner's exit code tells of a failure. Where cases run together, some do fail; `never ends` is expected of none.
   * @default 'fails'
   */
  readonly exit?: 'passes' | 'fails' | 'never ends'
  /** Reports that were written. @default 1 */
  readonly runs?: number
  /** Creates whose outcome nobody knows. @default 0 */
  readonly intents?: number
  /** How much of what is on record has arrived in the shared ledger. @default 'not at all' */
  readonly sent?: Sent
  /** What the output tells. @default nothing in particular */
  readonly says?: readonly string[]
}
