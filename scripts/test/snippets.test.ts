// Runs every fenced ts, js, sh and sql block of the documentation. Attributes allowed after the language of a fence:
//
//   (nothing)                    ts, js: a module, type-checked and executed. sh: bash -e. sql: PostgreSQL, rolled back.
//   title="dustpan.config.ts"    written under this name, type-checked, loaded and validated as a configuration
//   title="src/app.ts"           written under this name, type-checked, executed; file=… is the same without a shown title
//   test                         run by Vitest with the plugin; a block without a test(…) becomes the body of one.
//                                A block that imports Playwright's `test`, or Dustpan's, is run by Playwright.
//                                A title that ends in .test.ts means the same.
//   sqlite                       sql: on SQLite instead
//   no-run reason="…"            not run; the number of these blocks and their reasons are printed
//
// The blocks of one file run in order in one scratch project, so a later block can use files of an earlier one.
// Their environment has SHOP_URL (a running examples/shop), SHOP_ADMIN_PASSWORD and DATABASE_URL (its PostgreSQL database).
// `npm install …` and `npm run …` are not run: only the existence of the named packages and scripts is checked.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { markdownFiles } from '../docs/markdown-files.ts'
import { readBlocks } from '../snippets/block.ts'
import { checkTypes } from '../snippets/check-types.ts'
import { kindOf } from '../snippets/kind.ts'
import { runBlock } from '../snippets/run-block.ts'
import { createScratchProject, type ScratchProject } from '../snippets/scratch-project.ts'
import { type Services, startServices } from '../snippets/services.ts'
import { root } from '../workspace.ts'

const blocks = markdownFiles().flatMap((file) => readBlocks(file, readFileSync(join(root, file), 'utf8')))
const runnable = blocks.filter((block) => kindOf(block) !== undefined)
const marked = runnable.filter(({ attributes }) => attributes['no-run'])
const run = runnable.filter((block) => !marked.includes(block))
const checked: string[] = []

let services: Services
let wrong: Awaited<ReturnType<typeof checkTypes>>
beforeAll(async () => {
  services = await startServices()
  wrong = await checkTypes(run)
})
afterAll(async () => {
  await services[Symbol.asyncDispose]()
  console.log(summary())
})

for (const file of new Set(run.map((block) => block.file))) {
  describe(file, () => {
    let project: ScratchProject
    beforeAll(async () => {
      project = await createScratchProject(services.environment)
    })
    afterAll(() => project[Symbol.asyncDispose]())

    for (const block of run.filter((each) => each.file === file)) {
      const kind = kindOf(block) ?? 'module'
      test(`the ${kind} on line ${block.line} works`, async ({ expect }) => {
        expect(wrong.get(block) ?? '').toBe('')
        const notRun = await runBlock[kind](block, project, services.environment.DATABASE_URL)
        checked.push(...notRun.map((command) => `${file}: ${command}`))
      })
    }
  })
}

test('the documentation has at least one block to run', ({ expect }) => {
  expect(run.length).toBeGreaterThan(0)
})

function summary(): string {
  return [
    `Snippets: ${run.length} run, ${marked.length} marked no-run`,
    ...marked.map(({ file, line, attributes }) => `  no-run ${file}:${line}: ${attributes.reason}`),
    ...checked.map((command) => `  checked, not run: ${command}`),
  ].join('\n')
}
