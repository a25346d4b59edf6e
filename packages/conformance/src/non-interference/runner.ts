/** What the comparison has to know of a runner: data only. */

export interface Command {
  readonly name: string
  readonly args: readonly string[]
  /** A program that runs the runner. */
  readonly before?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Files run side by side, and are told of as they end: lines are compared without their order. */
  readonly unordered?: boolean
}

export interface RunnerUnderTest {
  readonly name: string
  /** Dustpan's shell for it. */
  readonly adapter: string
  readonly dependencies: Readonly<Record<string, string>>
  /** What Node runs: a script below `node_modules`, and its first arguments. */
  readonly program: readonly string[]
  /** The folder below `non-interference` with its suite. */
  readonly suite: string
  /** Written in addition to the suite, the same in both projects. */
  readonly files: Readonly<Record<string, string>>
  /** The files with the lines that a user adds. */
  readonly bare: Readonly<Record<string, string>>
  readonly adapted: Readonly<Record<string, string>>
  readonly adaptedArgs?: readonly string[]
  /** Run one after the other in the same folder. */
  readonly commands: readonly Command[]
  /** Where the first command's output tells how many tests ran. */
  readonly count: RegExp
  /** What differs between any two runs of this runner, and what to put in its place. */
  readonly volatile?: readonly (readonly [RegExp, string])[]
  /** What comes at a place that only timing decides: told apart from the rest, in its own order. */
  readonly adrift?: RegExp
  /** Files that differ between any two runs, or follow from others that are compared. */
  readonly uncompared?: RegExp
  /** Lines that only the adapted run has, each kind with the reason why it may. */
  readonly visible: Readonly<Record<string, RegExp>>
}
