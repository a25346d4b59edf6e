/** Collects everything visible of a run: its output, its exit code, and every file that it left. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Project } from '../project.ts'
import { normalise } from './normalise.ts'
import type { RunnerUnderTest } from './runner.ts'

/** The texts to compare, by name. */
export type Evidence = Readonly<Record<string, string>>

export async function gather(project: Project, runner: RunnerUnderTest, args: readonly string[]): Promise<Evidence> {
  const found: Record<string, string> = {}
  let before = await filesIn(project.folder, runner)
  for (const { name, before: first = [], args: own, env, unordered } of runner.commands) {
    const line = [...first, ...runner.program, ...args, ...own]
    const { stdout, stderr, exitCode } = await project.start(line, { OBSERVED: name, ...asUsual, ...env })
    const files = await filesIn(project.folder, runner)
    const printed = { stdout: stdout ?? '', stderr: stderr ?? '' }
    for (const [what, text] of Object.entries({ ...printed, ...changed(before, files) })) {
      const normalised = normalise(text, project.folder, runner)
      found[`${name}: ${what}`] = unordered ? sortedLines(normalised) : normalised
    }
    found[`${name}: exit code`] = String(exitCode)
    before = files
  }
  return found
}

/** Unlike in other tests: with the reaper, and without a compile cache, with which V8 reports less coverage. */
const asUsual = { DUSTPAN_REAPER: '1', NODE_DISABLE_COMPILE_CACHE: '1' }

/**
 * Ignores trailing commas, which depend on the order of JSON lines, and empty lines, whose number depends on the order of
 * parts.
 */
const sortedLines = (text: string): string => text.replace(/,$/gm, '').split('\n').filter(Boolean).sort().join('\n')

async function filesIn(folder: string, { uncompared }: RunnerUnderTest): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1)
    if (!entry.isFile() || path.startsWith('node_modules') || uncompared?.test(path)) continue
    files[path] = legible(path, await readFile(join(folder, path), 'utf8'))
  }
  return files
}

/** Formats JSON in lines, so that differences are short; the order of keys does not count. */
function legible(path: string, text: string): string {
  const isPlain = (value: unknown): value is object =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  const sorted = (_: string, value: unknown) =>
    isPlain(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value
  return path.endsWith('.json') ? JSON.stringify(JSON.parse(text), sorted, 1) : text
}

function changed(before: Record<string, string>, after: Record<string, string>): Record<string, string> {
  const gone = Object.keys(before).filter((path) => !(path in after))
  return {
    ...Object.fromEntries(gone.map((path) => [path, 'deleted'])),
    ...Object.fromEntries(Object.entries(after).filter(([path, text]) => before[path] !== text)),
  }
}
