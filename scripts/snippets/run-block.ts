import { join } from 'node:path'
import { root } from '../workspace.ts'
import type { Block } from './block.ts'
import { fileOf, type Kind, kindOf } from './kind.ts'
import type { ScratchProject } from './scratch-project.ts'
import { readShell } from './shell.ts'
import { runSql } from './sql.ts'
import { testFile } from './test-file.ts'

/** Resolves to the commands that were checked but not run. Rejects when the block does not work. */
export type RunBlock = (block: Block, project: ScratchProject, databaseUrl: string) => Promise<string[]>

export const runBlock: Record<Kind, RunBlock> = {
  async module(block, project) {
    const path = await writeModule(block, project)
    await project.run('node', [path])
    return []
  },
  async test(block, project) {
    const path = await writeModule(block, project)
    const [command, ...args] = runnerOf(block)
    await project.run(command, [...args, path])
    return []
  },
  async config(block, project) {
    await project.remove('dustpan.config.*') // a document may show several, one after another
    await writeModule(block, project)
    await project.run('node', [join(root, 'scripts', 'snippets', 'load-config.ts')])
    return []
  },
  async shell(block, project) {
    const { script, checked } = readShell(block)
    await project.run('bash', ['-e', '-c', script])
    return checked
  },
  async sql(block, _project, databaseUrl) {
    await runSql(block, databaseUrl)
    return []
  },
}

/** The runner, by the block's imports. */
function runnerOf({ text }: Block): Command {
  return runners.find(([imported]) => imported.test(text))?.[1] ?? ['vitest', 'run']
}

type Command = readonly [command: string, ...args: string[]]

const runners: readonly (readonly [imported: RegExp, command: Command])[] = [
  [
    /from '(?:@playwright\/test|@dustpan\/playwright-reporter\/test)'/,
    ['node', 'node_modules/@playwright/test/cli.js', 'test'],
  ],
  [/from 'node:test'/, ['node', '--import', '@dustpan/node-test', '--test']],
]

async function writeModule(block: Block, project: ScratchProject): Promise<string> {
  await project.write(pathOf(block), textOf(block))
  return pathOf(block)
}

export function pathOf(block: Block): string {
  const suffix = kindOf(block) === 'test' ? '.test' : ''
  return fileOf(block.attributes) ?? `snippet-${block.line}${suffix}.${extensionOf(block)}`
}

export function textOf(block: Block): string {
  return kindOf(block) === 'test' ? testFile(block.text) : block.text
}

function extensionOf({ language, text }: Block): string {
  if (language.includes('ts') || language === 'typescript') return language === 'mts' ? 'mts' : 'ts'
  return language === 'cjs' || /\brequire\(/.test(text) ? 'cjs' : 'js'
}
