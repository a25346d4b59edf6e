/** One test runner: how its projects look, and what of the cases it cannot express. */
import type { Mode } from './case.ts'

type Files = Readonly<Record<string, string>>

export interface Dialect {
  readonly name: string
  /** The newest first. */
  readonly versions: readonly [RunnerVersion, ...RunnerVersion[]]
  /** Dustpan's package for it. */
  readonly adapter: string
  /** The common words in the runner's own, from `preludes/`. */
  readonly prelude: string
  /** A user's configuration, without Dustpan and with it. */
  readonly config: { readonly bare: Files; readonly adapted: Files }
  /** Of a test file, without the folder. */
  readonly fileName: (name: string) => string
  readonly command: readonly string[]
  readonly modes: Modes
  /** Where its options and functions are printed, without Dustpan. */
  readonly surface: Surface
  readonly excuses: readonly Excuse[]
}

/** Arguments of one invocation each; several are tried one after the other, shards together. */
export type Modes = Readonly<Partial<Record<Mode, readonly (readonly string[])[]>>>

export interface RunnerVersion {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  /** The Node that runs the project, below its folder. @default the Node that runs this */
  readonly node?: string
  /** In place of the dialect's. */
  readonly modes?: Modes
  /** Beside the dialect's. */
  readonly excuses?: readonly Excuse[]
}

export interface Surface {
  /** A test that shows what it is given, by `surface.js`. */
  readonly file: string
  readonly test: string
  readonly commands: readonly (readonly string[])[]
}

/** Cases that the runner itself offers no way to express. */
export interface Excuse {
  readonly cases: readonly string[]
  readonly reason: string
  readonly probe: Probe
}

/** What a line of the runner's surface would match if it came to offer a way; or what it answers today to one who tries. */
export type Probe = RegExp | { readonly test: string; readonly refusal: RegExp }
