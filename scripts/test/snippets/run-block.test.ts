import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Block, readBlocks } from '../../snippets/block.ts'
import { checkTypes } from '../../snippets/check-types.ts'
import { kindOf } from '../../snippets/kind.ts'
import { runBlock } from '../../snippets/run-block.ts'
import { createScratchProject, type ScratchProject } from '../../snippets/scratch-project.ts'
import { type Services, startServices } from '../../snippets/services.ts'

let services: Services
let project: ScratchProject
beforeAll(async () => {
  services = await startServices()
  project = await createScratchProject(services.environment)
})
afterAll(async () => {
  await project[Symbol.asyncDispose]()
  await services[Symbol.asyncDispose]()
})

/** Runs the blocks in order, and stops at the first that fails. */
async function run(markdown: string): Promise<void> {
  const blocks = readBlocks('fixture.md', markdown)
  for (const found of (await checkTypes(blocks)).values()) throw new Error(found)
  for (const block of blocks) {
    await runBlock[kindOf(block) ?? 'module'](block, project, services.environment.DATABASE_URL)
  }
}

const fence = (info: string, text: string) => `\`\`\`${info}\n${text}\n\`\`\`\n`

test.for([
  ['ts', 'const url: string = process.env.SHOP_URL ?? ""\nawait fetch(url)'],
  ['js', `const { strictEqual } = require('node:assert')\nstrictEqual(1, 1)`],
  [
    'ts title="dustpan.config.ts"',
    `import { defineConfig } from '@dustpan/core'\nexport default defineConfig({ lifetime: 'file' })`,
  ],
  ['yaml title="dustpan.config.yaml"', 'lifetime: file'],
  ['ts test', `expect(await fetch(process.env.SHOP_URL + '/categories')).toBeDefined()`],
  ['ts test', `import { expect, test } from 'vitest'\ntest('adds', () => expect(1 + 1).toBe(2))`],
  ['sh', 'echo hello > hello.txt\ntest -f hello.txt\nnpm test'],
  ['sql', `INSERT INTO users (email, name) VALUES ('a@shop.example', 'A');\nSELECT * FROM users`],
  ['sql', 'SELECT * FROM users WHERE id = $1'],
  ['sql sqlite', 'SELECT * FROM users'],
] as const)('a valid "%s" block passes: %s', async ([info, text]) => {
  await run(fence(info, text))
})

test.for([
  ['ts', 'const url: string = 1', 'is not assignable to type'],
  ['ts', `throw new Error('it ran')`, 'it ran'],
  ['js', 'process.exit(7)', 'ended with 7'],
  ['ts test', 'expect(1).toBe(2)', 'expected 1 to be 2'],
  ['sh', 'false\necho the end', 'ended with 1'],
  ['sql', 'SELECT * FROM nothing', 'relation "nothing" does not exist'],
  ['sql', 'SELECT nothing FROM users WHERE id = $1', 'column "nothing" does not exist'],
  ['sql sqlite', 'SELECT * FROM missing', 'no such table'],
  ['ts title="dustpan.config.ts"', `export default { lifetime: 'no such lifetime' }`, 'lifetime'],
] as const)('an invalid "%s" block fails: %s', async ([info, text, message]) => {
  await expect(run(fence(info, text))).rejects.toThrow(message)
})

test('a block can import a file that an earlier block wrote', async () => {
  await run(
    fence('ts title="src/answer.ts"', 'export const answer = 42') +
      fence('ts', `import { answer } from './src/answer.ts'\nanswer.toFixed()`),
  )
})

test('a type error is attributed to its block, even when a file is written twice', async () => {
  const markdown =
    fence('ts title="src/answer.ts"', 'export const answer = 42') +
    fence('ts', `import { answer } from './src/answer.ts'\nanswer.toFixed()`) +
    fence('ts title="src/answer.ts"', `export const answer = 'forty-two'`) +
    fence('ts', `import { answer } from './src/answer.ts'\nanswer.toFixed()`)
  const blocks = readBlocks('fixture.md', markdown)
  const found = await checkTypes(blocks)
  expect([...found.keys()]).toEqual([blocks[3]])
  expect(found.get(blocks[3] as Block)).toMatch(
    /^snippet-\d+\.ts\(2,8\): error TS\d+: Property 'toFixed' does not exist/,
  )
})
