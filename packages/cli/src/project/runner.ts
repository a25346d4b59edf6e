/** Test runners, as `init` and `doctor` see them. */
import type { Project } from './project.ts'
import type { Source } from './source.ts'

export interface Change {
  /** Relative to the project's folder. */
  readonly file: string
  /** Undefined for a new file. */
  readonly before?: string
  readonly after: string
  /** Whether many files change in the same way. */
  readonly alike?: true
}

export interface ByHand {
  readonly file: string
  readonly why: string
  /** The exact text to add. */
  readonly add: string
}

export interface Wiring {
  /** Files that already use Dustpan. */
  readonly wired: readonly string[]
  readonly changes: readonly Change[]
  readonly byHand: readonly ByHand[]
}

export interface Runner {
  readonly name: string
  /** The runner's own package; undefined for Node's. */
  readonly needs?: string
  readonly package: string
  /** Matches a call in a script of package.json. */
  readonly command: RegExp
  isIn(project: Project): boolean
  wiring(project: Project): Wiring
}

export const wired = (file: string): Wiring => ({ wired: [file], changes: [], byHand: [] })
export const changed = (change: Change): Wiring => ({ wired: [], changes: [change], byHand: [] })
export const byHand = (file: string, why: string, add: string): Wiring => ({
  wired: [],
  changes: [],
  byHand: [{ file, why, add }],
})

export const combined = (all: readonly Wiring[]): Wiring => ({
  wired: all.flatMap(({ wired }) => wired),
  changes: all.flatMap(({ changes }) => changes),
  byHand: all.flatMap(({ byHand }) => byHand),
})

/** Whether the code calls the import, also under another name: `import { dustpan as ours }`. */
export function calls({ code }: Source, name: string): boolean {
  const other = new RegExp(`\\b${name}\\s*(?:\\bas\\b|:)\\s*(\\w+)`).exec(code)?.[1]
  return new RegExp(`\\b(?:${name}${other === undefined ? '' : `|${other}`})\\s*\\(`).test(code)
}

/** `--config <file>` of a runner in a script. */
export function configInScripts({ manifest: { scripts } }: Project, tool: string): string | undefined {
  const option = new RegExp(`\\b${tool}\\b[^&|;]*?\\s(?:--config|-c)[ =]["']?([^\\s"']+)`)
  return Object.values(scripts)
    .map((script) => option.exec(script)?.[1])
    .find((file) => file !== undefined)
}

export const withEndings = (name: string, endings: string): readonly string[] =>
  endings.split(' ').map((ending) => `${name}.${ending}`)
