import { basename, dirname } from 'node:path'
import { tsc } from '../tsc.ts'
import type { Block } from './block.ts'
import { kindOf } from './kind.ts'
import { pathOf, textOf } from './run-block.ts'
import { createScratchProject } from './scratch-project.ts'

/**
 * The compiler's errors in each block; correct blocks have no entry. One call checks all blocks, as the compiler reads the
 * libraries each time: each block has a folder of its own, with the files that blocks above it in the document have written.
 */
export async function checkTypes(blocks: readonly Block[]): Promise<ReadonlyMap<Block, string>> {
  await using project = await createScratchProject({})
  const scripts: Block[] = []
  for (const document of Map.groupBy(blocks, ({ file }) => file).values()) {
    const files = new Map<string, string>()
    for (const block of document.filter(isScript)) {
      if (kindOf(block) === 'config') forget(files, /^dustpan\.config\./)
      files.set(pathOf(block), textOf(block))
      for (const [path, text] of files) await project.write(`${scripts.length}/${path}`, text)
      scripts.push(block)
    }
  }
  const files = scripts.map((block, index) => `${index}/${pathOf(block)}`)
  await project.write('tsconfig.json', JSON.stringify({ extends: './tsconfig.base.json', files }))
  const output = files.length === 0 ? '' : await project.output('tsc', [...tsc.args, '-p', '.', '--pretty', 'false'])
  return byBlock(output, scripts)
}

function isScript(block: Block): boolean {
  return ['module', 'test', 'config'].includes(kindOf(block) ?? '') && /\.[cm]?[jt]s$/.test(pathOf(block))
}

/** Forgets files that a later block replaces. */
function forget(files: Map<string, string>, name: RegExp): void {
  for (const path of files.keys()) if (dirname(path) === '.' && name.test(basename(path))) files.delete(path)
}

/** Parses `12/src/app.ts(3,7): error TS2322: …` and the lines below it. */
function byBlock(output: string, scripts: readonly Block[]): ReadonlyMap<Block, string> {
  const found = new Map<Block, string>()
  let block: Block | undefined
  for (const line of output.split('\n').filter(Boolean)) {
    const [, index, message] = /^(\d+)\/(.*)$/.exec(line) ?? []
    if (index !== undefined) block = scripts[Number(index)]
    if (block === undefined) throw new Error(`tsc: ${output}`)
    found.set(block, `${found.get(block) ?? ''}${message ?? line}\n`)
  }
  return found
}
