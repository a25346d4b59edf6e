import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codes } from '../../packages/core/src/errors/codes.ts'
import { brokenLinks } from '../docs/broken-links.ts'
import { codeFindings } from '../docs/code-findings.ts'
import { markdownFiles } from '../docs/markdown-files.ts'
import { root } from '../workspace.ts'

/** Checks that links are not broken, and that each error code has a section in docs/errors.md and a test that names it. */
export async function docs(): Promise<string[]> {
  const tests = globSync('{packages,examples}/**/*.test.ts', { cwd: root, exclude: ['**/node_modules'] })
  return [
    ...markdownFiles().flatMap((file) => brokenLinks(root, file)),
    ...codeFindings(Object.keys(codes), read('docs/errors.md'), tests.map(read)),
  ]
}

function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
