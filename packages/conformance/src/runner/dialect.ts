/** The dialect of a test runner: how its projects look, and which cases it cannot express. */
import type { Mode } from './case.ts'

type Files = Readonly<Record<string, string>>

export interface Dialect {
  readonly name: string
  /** Newest first. */
  readonly versions: readonly [RunnerVersion, ...RunnerVersion[]]
  /** Dustpan's adapter package. */
  readonly adapter: string
  /** The file in `preludes/` that implements the common functions with the runner's own. */
  readonly prelude: string
  /** A user's configuration without and with Dustpan. */
  readonly config: { readonly bare: Files; readonly adapted: Files }
  /** The name of a test file, without the folder. */
  readonly fileName: (name: string) => string
  readonly command: readonly string[]
  readonly modes: Modes
  /** How to print the runner's options and functions, without Dustpan. */
  readonly surface: Surface
  readonly excuses: readonly Excuse[]
}

/** Arguments of the invocations of each mode; several are tested one after another, shards together. */
export type Modes = Readonly<Partial<Record<Mode, readonly (readonly string[])[]>>>

export interface RunnerVersion {
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
  /** The Node that runs the project, below its folder. @default the Node that runs this */
  readonly node?: string
  /** Replaces the dialect's. */
  readonly modes?: Modes
  /** In addition to the dialect's. */
  readonly excuses?: readonly Excuse[]
}

export interface Surface {
  /** A test file that prints the names available to it, with `surface.js`. */
  readonly file: string
  readonly test: string
  readonly commands: readonly (readonly string[])[]
}

/** Cases that the runner itself cannot express. */
export interface Excuse {
  readonly cases: readonly string[]
  readonly reason: string
  readonly probe: Probe
}

/** Matches a line of the runner's surface if it ever offers a way; or a test, and how the runner refuses it today. */
export type Probe = RegExp | { readonly test: string; readonly refusal: RegExp }
