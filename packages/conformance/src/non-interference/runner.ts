/** What the comparison needs to know about a runner, as data. */

export interface Command {
  readonly name: string
  readonly args: readonly string[]
  /** A program that starts the runner. */
  readonly before?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Files run in parallel and are reported as they end, so lines are compared without their order. */
  readonly unordered?: boolean
}

export interface RunnerUnderTest {
  readonly name: string
  /** Dustpan's adapter package. */
  readonly adapter: string
  readonly dependencies: Readonly<Record<string, string>>
  /** The program for Node: a script below `node_modules`, and its first arguments. */
  readonly program: readonly string[]
  /** The folder of its suite, below `non-interference`. */
  readonly suite: string
  /** Files beside the suite, the same in both projects. */
  readonly files: Readonly<Record<string, string>>
  /** The files without the lines that a user adds. */
  readonly bare: Readonly<Record<string, string>>
  readonly adapted: Readonly<Record<string, string>>
  readonly adaptedArgs?: readonly string[]
  /** Run one after another in the same folder. */
  readonly commands: readonly Command[]
  /** Matches the number of tests in the first command's output. */
  readonly count: RegExp
  /** Patterns of what differs between any two runs of this runner, with replacements. */
  readonly volatile?: readonly (readonly [RegExp, string])[]
  /** Lines whose position depends on timing: compared separately, in their own order. */
  readonly adrift?: RegExp
  /** Files that differ between any two runs, or that derive from compared ones. */
  readonly uncompared?: RegExp
  /** Lines that only the adapted run may have, by the reason. */
  readonly visible: Readonly<Record<string, RegExp>>
}
